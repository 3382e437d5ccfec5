"""What can be put together: models, backends, kernel libraries, targets; found by name.

The built-in ones come through the same hooks as anybody's own (see `hookspec`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from pytest_mlbench.errors import UserMistake, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pytest_mlbench.firmware.parts import Generated, Part, Simulation
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph
    from pytest_mlbench.provision.pins import GitPin


TWIN = "_twin"
"""What the name of a model's stand-in ends with, in ids, tables and JSON."""


@dataclass(frozen=True)
class Model:
    """A model that can be asked for by name.

    Exactly one of `artifact` (a name in pins.toml), `path` and `build` says where its bytes are.
    `inputs` are artifact names of sample files, or, for a model with `path`,
    files relative to its folder; empty means seeded samples. `encoding` says what
    a sample file holds: 'float32' (quantised with the input's own scale and zero point), 'uint8'
    (128 is subtracted), or 'raw' (the tensor's bytes). `twin` builds the stand-in that is used
    when the artifact cannot be had.
    """

    name: str
    title: str = ""
    artifact: str = ""
    path: Path | None = None
    build: Callable[[], bytes] | None = None
    inputs: tuple[str, ...] = ()
    encoding: str = "raw"
    twin: Callable[[], bytes] | None = None


@dataclass(frozen=True)
class Feature:
    """A name for `--mlbench-features`.

    `library` is the kernel library it selects or refines; `requires` and `excludes` name other
    features; `extensions` are ISA letters or names it adds to the target's ISA ('v'); `config`
    are the keys of `--mlbench-config` that it understands, and `values` the only values of those
    of them that do not take any. A feature that several libraries have
    ('vext') leaves `library` empty and names in `refines` the features it refines, at least one
    of which has to be chosen with it; the libraries' descriptions of it are put together.
    """

    name: str
    title: str
    library: str = ""
    requires: tuple[str, ...] = ()
    refines: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class GenerateRequest:
    """What a backend gets. `profile`: bracket every operator with counters. `probe`: numbers that
    an earlier probing firmware of the same request reported, None at the first call."""

    graph: Graph
    model_data: bytes
    libraries: tuple[KernelLibrary, ...]
    features: tuple[str, ...]
    isa: str
    optimize: str
    config: Mapping[str, str]
    sources: Callable[[str], Path]
    """Name of a pinned source -> its folder, provisioned; raises CannotRun."""
    profile: bool = False
    probe: tuple[int, ...] | None = None
    compiler: str = ""
    """The C compiler as `gcc 12.2.0`, empty when it is not known."""


@runtime_checkable
class Backend(Protocol):
    """Turns a model into the sources of a firmware.

    Four attributes may be left out: `takes(library)`, whether it can use a kernel library (without
    it: any), `config`, the keys of `--mlbench-config` that it understands, `codes`, what the codes
    mean that its mlbench_setup() and mlbench_invoke() fail with, and `trials`, the sets of features
    with which it is built by `doctor --sources`, when it is built from a pinned source.
    """

    @property
    def name(self) -> str:
        """The name for `--mlbench-backend`."""
        ...

    def generate(self, request: GenerateRequest) -> Generated:
        """The parts for this model. Raises UserMistake naming every unsupported operator."""
        ...


@runtime_checkable
class KernelLibrary(Protocol):
    """Kernels for the `aot` backend (and, where it says so, for others).

    A library that is built from a pinned source may have two more attributes: `trials`, the sets of
    features with which users build it, and `kernels`, the names of all its kernels, for `parts`:
    `doctor --sources` then builds each variant once.
    """

    @property
    def name(self) -> str:
        """The name in records and tables."""
        ...

    @property
    def features(self) -> tuple[Feature, ...]:
        """The features that select and refine it."""
        ...

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        """The call that executes `layer`, or None when this library does not cover it."""
        ...

    def parts(self, kernels: frozenset[str], context: LowerContext) -> tuple[Part, ...]:
        """What has to be compiled and linked for the named kernels."""
        ...


@runtime_checkable
class Target(Protocol):
    """Something that firmware is built for and run on."""

    @property
    def name(self) -> str:
        """The name for `--mlbench-target`."""
        ...

    @property
    def isa(self) -> str:
        """Its default ISA."""
        ...

    @property
    def abi(self) -> str:
        """The ABI of that ISA."""
        ...

    def parts(self, isa: str) -> tuple[Part, ...]:
        """Start-up code, traps, input and output."""
        ...

    def link_options(self, isa: str) -> tuple[str, ...]:
        """Options for the link, the linker script among them."""
        ...

    def run(
        self,
        elf: Path,
        samples: Iterable[bytes],
        *,
        isa: str,
        outputs: tuple[int, ...],
        timeout: float,
    ) -> Simulation:
        """Run `elf` on `samples`; `outputs` are the byte sizes of the model's outputs."""
        ...

    def version(self) -> str:
        """The identity of what runs the firmware, for the record."""
        ...


Named = TypeVar("Named", Model, Backend, KernelLibrary, Target, "GitPin")


@dataclass(frozen=True)
class Registry:
    """Everything registered, by name."""

    models: Mapping[str, Model] = field(default_factory=dict)
    backends: Mapping[str, Backend] = field(default_factory=dict)
    libraries: Mapping[str, KernelLibrary] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    sources: Mapping[str, GitPin] = field(default_factory=dict)

    def model(self, name: str) -> Model:
        """The model called `name`. Raises UserMistake with the nearest match."""
        return _find("model", name, self.models)

    def backend(self, name: str) -> Backend:
        """The backend called `name`. Raises UserMistake with the nearest match."""
        return _find("backend", name, self.backends)

    def target(self, name: str) -> Target:
        """The target called `name`. Raises UserMistake with the nearest match."""
        return _find("target", name, self.targets)

    def source(self, name: str) -> GitPin:
        """The pinned source called `name`. Raises UserMistake with the nearest match."""
        return _find("source", name, self.sources)

    def feature(self, name: str) -> Feature:
        """The feature called `name`. Raises UserMistake with the nearest match."""
        return _find("feature", name, self.features)

    @property
    def features(self) -> dict[str, Feature]:
        """All features of all libraries, each name once.

        Raises UserMistake when two libraries have a feature of one name that does not `refine`.
        """
        found: dict[str, Feature] = {}
        for library in self.libraries.values():
            for feature in library.features:
                known = found.get(feature.name)
                found[feature.name] = feature if known is None else _together(known, feature)
        return found


def _together(one: Feature, other: Feature) -> Feature:
    if not (one.refines and other.refines):
        raise UserMistake(
            f"two kernel libraries have a feature {one.name!r}",
            remedy="Let both say in Feature.refines which of their features it refines",
        )

    def union(field_name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(getattr(one, field_name) + getattr(other, field_name)))

    return replace(
        one,
        refines=union("refines"),
        requires=union("requires"),
        excludes=union("excludes"),
        extensions=union("extensions"),
        config=union("config"),
        values={**one.values, **other.values},
    )


T = TypeVar("T")


def _find(kind: str, name: str, known: Mapping[str, T]) -> T:
    if name not in known:
        raise unknown(kind, name, known)
    return known[name]


def by_name(kind: str, things: Iterable[Named]) -> dict[str, Named]:
    """`things` by their names, sorted. Raises UserMistake when two share one."""
    found: dict[str, Named] = {}
    for thing in things:
        if thing.name in found:
            raise UserMistake(f"two {kind}s are registered as {thing.name!r}")
        found[thing.name] = thing
    return dict(sorted(found.items()))
