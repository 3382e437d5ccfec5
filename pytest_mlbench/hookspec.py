"""The hooks that register models, backends, kernel libraries, targets and more.

Implement any of them in a `conftest.py` or a plugin::

    def pytest_mlbench_models():
        return [Model(name="mine", path=Path(__file__).with_name("mine.tflite"))]

Scripts that run without pytest use the same hooks through `pluggy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .backends.interface import Backend
    from .firmware.target import Target
    from .kernels.interface import KernelLibrary
    from .models.model import Model
    from .provision.pinned import GitPin
    from .records.extension import Finisher, Format, Judge
    from .settings import Settings


_hookspec = pluggy.HookspecMarker("pytest")


@_hookspec
def pytest_mlbench_models() -> Iterable[Model]:  # type: ignore[empty-body]
    """Return models that users can choose by name."""


@_hookspec
def pytest_mlbench_backends() -> Iterable[Backend]:  # type: ignore[empty-body]
    """Return backends, which turn a model into sources."""


@_hookspec
def pytest_mlbench_kernel_libraries() -> Iterable[KernelLibrary]:  # type: ignore[empty-body]
    """Return kernel libraries with the features that select them."""


@_hookspec
def pytest_mlbench_targets() -> Iterable[Target]:  # type: ignore[empty-body]
    """Return targets, which firmware is built for and run on."""


@_hookspec
def pytest_mlbench_sources() -> Iterable[GitPin]:  # type: ignore[empty-body]
    """Return pinned git sources that backends and kernel libraries are built from."""


@_hookspec
def pytest_mlbench_judges(  # type: ignore[empty-body]
    settings: Settings, state: Mapping[str, Any] | None
) -> Iterable[tuple[str, Judge]]:
    """Return (name, judge) pairs; see `pytest_mlbench.records.extension`.

    Called on the controller at start-up, with `state` None, and in every worker at its first
    record. There `state` maps each name to what `state()` of the controller's judge returned.
    """


@_hookspec
def pytest_mlbench_finishers(  # type: ignore[empty-body]
    settings: Settings, judges: Mapping[str, Judge]
) -> Iterable[Finisher]:
    """Return finishers; see `pytest_mlbench.records.extension`. Called on the controller only.

    `judges` are those of this process, by name.
    """


@_hookspec
def pytest_mlbench_formats() -> Iterable[Format]:  # type: ignore[empty-body]
    """Return formats that `--mlbench-export` and `mlbench export` can write."""
