"""The backend interface: the request it gets and the sources it returns."""

# ruff: noqa: ARG002 a default method does nothing with its arguments

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench.kernels.interface import LowerContext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_mlbench.firmware.components import Component
    from pytest_mlbench.kernels.interface import KernelLibrary
    from pytest_mlbench.models.tflite.graph import Graph


@dataclass(frozen=True)
class GenerateRequest:
    """The input of a backend.

    `profile` asks for counters around every operator. `check` asks for a checked firmware: its
    first output holds the findings (`measure.memory_check`), followed by the model's outputs.
    `probe` holds the numbers that the probing firmware of this request reported; it is None at the
    first call.
    """

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
    """The C compiler, such as `gcc 12.2.0`; empty if it is not known."""

    @property
    def context(self) -> LowerContext:
        """What kernel libraries are told."""
        return LowerContext(
            features=self.features,
            isa=self.isa,
            optimize=self.optimize,
            config=self.config,
            sources=self.sources,
            compiler=self.compiler,
        )

    @property
    def resets(self) -> bool:
        """Whether the model's state is reset between samples: the firmware has mlbench_reset()."""
        return self.config.get("reset") == "on"


class Backend(ABC):
    """Turns a model into the sources of a firmware: the base class of every backend.

    A backend has a `name` and implements `generate`; everything else has a default.
    """

    name: str
    """The name for `--mlbench-backend`."""

    config: tuple[str, ...] = ()
    """The keys of `--mlbench-config` that it understands."""

    values: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """Config key -> allowed values; a key that is not listed takes any value."""

    codes: Mapping[int, str] = MappingProxyType({})
    """Error code of its mlbench_setup() and mlbench_invoke() -> meaning."""

    sources: tuple[str, ...] = ()
    """The pinned sources that it is built from."""

    trials: tuple[tuple[str, ...], ...] = ()
    """The feature sets that `doctor --sources` builds it with."""

    checks: bool = False
    """Whether it can generate checked firmware."""

    @abstractmethod
    def generate(self, request: GenerateRequest) -> Generated:
        """The components for this model. Raises UsageError naming every unsupported operator."""

    def takes(self, library: KernelLibrary) -> bool:
        """Whether it can use a kernel library."""
        return True

    def known(self, request: GenerateRequest) -> tuple[str, ...]:
        """Sentences on known problems, shown with a case that failed."""
        return ()

    def references(self, request: GenerateRequest) -> tuple[str, dict[int, Callable[..., Any]]]:
        """The references of operators that kernel libraries bring: the libraries' names, and
        operator index -> function."""
        return "", {}


@dataclass(frozen=True)
class Generated:
    """The output of a backend.

    arena_peak, arena_bound  planned bytes, and the lower bound for any plan
    operators                rows for `Record.operators`
    libraries                kernel library or framework -> commit or version
    probe                    True: run this firmware once without samples and call the backend
                             again with the numbers it reports (scratch sizes, arena use)
    notes                    sentences to print below the table
    arena                    rows for `Record.arena`: place and lifetime of each activation buffer
    steps                    for each counter of a profile, the index of its operator; empty if
                             each operator has one, in their order
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
    steps: tuple[int, ...] = ()

    @property
    def order(self) -> tuple[int, ...]:
        """`steps` if some operator runs in several parts; else empty."""
        return self.steps if len(set(self.steps)) < len(self.steps) else ()
