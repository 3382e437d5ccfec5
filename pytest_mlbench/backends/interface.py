"""What a backend is: what it gets, what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_mlbench.firmware.components import Component
    from pytest_mlbench.kernels.interface import KernelLibrary
    from pytest_mlbench.models.tflite.graph import Graph


@dataclass(frozen=True)
class GenerateRequest:
    """What a backend gets. `profile`: bracket every operator with counters. `check`: make a
    checked firmware, whose first output is what was found (`measure.memory_check`), and the model's
    own come after it. `probe`: numbers that an earlier probing firmware of the same request
    reported, None at the first call."""

    graph: Graph
    model_data: bytes
    libraries: tuple[KernelLibrary, ...]
    features: tuple[str, ...]
    isa: str
    optimize: str
    config: Mapping[str, str]
    sources: Callable[[str], Path]
    """Name of a pinned source -> its folder, provisioned; raises Unavailable."""
    profile: bool = False
    check: bool = False
    probe: tuple[int, ...] | None = None
    compiler: str = ""
    """The C compiler as `gcc 12.2.0`, empty when it is not known."""

    @property
    def resets(self) -> bool:
        """Whether the model's state is reset between samples: the firmware has mlbench_reset()."""
        return self.config.get("reset") == "on"


@runtime_checkable
class Backend(Protocol):
    """Turns a model into the sources of a firmware.

    Seven attributes may be left out: `takes(library)`, whether it can use a kernel library (without
    it: any), `config`, the keys of `--mlbench-config` that it understands, `codes`, what the codes
    mean that its mlbench_setup() and mlbench_invoke() fail with, `known(request)`, sentences on
    what is known to go wrong, for a case that failed, `sources`,
    the pinned sources it is built from, and `trials`, the sets of features with which
    it is built by `doctor --sources`, when it is built from a pinned source, and `checks`, whether
    it can make checked firmware.
    """

    @property
    def name(self) -> str:
        """The name for `--mlbench-backend`."""
        ...

    def generate(self, request: GenerateRequest) -> Generated:
        """The components for this model. Raises UsageError naming every unsupported operator."""
        ...


@dataclass(frozen=True)
class Generated:
    """What a backend made of a model.

    arena_peak, arena_bound  bytes planned, and the lower bound no plan can beat
    operators                rows for `Record.operators`
    libraries                kernel library or framework -> commit or version
    probe                    True: run this firmware once without samples and call the backend
                             again with the numbers it reports (scratch sizes, arena use)
    notes                    sentences for the table's foot
    arena                    rows for `Record.arena`: what lies where in activation memory, and when
    """

    components: tuple[Component, ...]
    arena_peak: int = 0
    arena_bound: int = 0
    operators: tuple[Mapping[str, Any], ...] = ()
    libraries: Mapping[str, str] = field(default_factory=dict)
    probe: bool = False
    notes: tuple[str, ...] = ()
    arena: tuple[Mapping[str, Any], ...] = ()
    metrics: Mapping[str, int] = field(default_factory=dict)
