"""pytest-mlbench: trustworthy TinyML benchmarks as pytest tests.

Nothing heavy is imported here: the plugin is loaded by every pytest run of every project that has
it installed, and must cost those runs next to nothing.
"""

from __future__ import annotations

__version__ = "0.1.0"
