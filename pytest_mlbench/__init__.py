"""pytest-mlbench: trustworthy TinyML benchmarks as pytest tests.

Nothing heavy is imported here: the plugin is loaded by every pytest run of every project that has
it installed, and must cost those runs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .script import Results, Study

__all__ = ["Results", "Study", "__version__"]


def __getattr__(name: str) -> Any:
    """`Study` and `Results`, imported when first asked for."""
    if name in {"Results", "Study"}:
        from . import script

        return getattr(script, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
