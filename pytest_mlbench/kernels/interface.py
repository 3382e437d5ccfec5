"""The interface between the `aot` backend and kernel libraries.

For every operator, the backend calls `library.lower(layer, context)` of the selected library and
then of the reference library, until one returns a `KernelCall` instead of None. The backend plans
the memory, writes the constants as C and generates the call. So a C kernel gets exactly the
arguments that its Python side chose, with weights in any layout. Kernels return `void`; whatever
can fail is decided in `lower`, at build time.

Most libraries use the reference kernels' argument structs (`pytest_mlbench/kernels/include/`) and
only provide other functions. They take a call from `reference.library.ReferenceLibrary.lower` and
change the function's name.
"""

# ruff: noqa: ARG002 a default method does nothing with its arguments

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

from pytest_mlbench._version import __version__
from pytest_mlbench.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlbench.firmware.components import Component
    from pytest_mlbench.models.operators.layers import Layer


ALIGNMENT = 16
"""Alignment of every tensor and buffer in the arena, in bytes."""


PREFER = "prefer"
"""The key of `--mlbench-config` for what the choice of kernels minimises: a backend's key, and that
of every library that has several kernels for a layer."""

CYCLES, ROM, RAM = PREFERENCES = ("cycles", "rom", "ram")
"""Its values; the first is the default."""


def no_sources(name: str) -> Path:
    """The `sources` of a context without provisioning. Always raises Unavailable."""
    raise Unavailable(f"the source {name!r} is not provisioned here")


@dataclass(frozen=True)
class LowerContext:
    """What a library may base its decisions on.

    `sources` provisions a pinned source and returns its folder; raises Unavailable. `compiler` is
    the C compiler, such as `gcc 12.2.0`; empty if it is not known.
    """

    features: tuple[str, ...]
    isa: str
    optimize: str
    config: Mapping[str, str] = field(default_factory=dict)
    sources: Callable[[str], Path] = no_sources
    compiler: str = ""


@dataclass(frozen=True)
class TensorRef:
    """The address of tensor `index`: in the arena, or in ROM if the tensor is constant."""

    index: int


@dataclass(frozen=True, eq=False)
class Array:
    """A constant array in ROM, passed by address; equal arrays are stored once.

    `ctype` is the C type of an element; values are written in C order. `align` is in bytes.
    """

    ctype: str
    values: NDArray[np.generic]
    align: int = 0
    name: str = ""
    """What it holds ('weights', 'bias'); becomes part of the generated C name."""


@dataclass(frozen=True)
class Struct:
    """A constant struct in ROM, passed by address. `ctype` is its C type; fields go by name."""

    ctype: str
    fields: Mapping[str, Argument]
    name: str = ""


@dataclass(frozen=True)
class Scratch:
    """The address of this call's scratch buffer (`KernelCall.scratch` bytes, 16-aligned)."""

    offset: int = 0


@dataclass(frozen=True)
class ScratchSize:
    """The planned size of this call's scratch buffer in bytes, as an integer."""


@dataclass(frozen=True)
class Persistent:
    """The address of this layer's persistent buffer (`KernelCall.persistent` bytes, 16-aligned).

    `KernelCall.setup` gets the same address and fills the buffer. A null pointer for 0 bytes.
    """


@dataclass(frozen=True)
class Null:
    """A null pointer."""


@dataclass(frozen=True)
class Pointers:
    """A constant array of addresses, passed as `const void *const *`."""

    items: tuple[Argument, ...]
    name: str = ""


Argument = Union[  # noqa: UP007
    int, float, str, TensorRef, Array, Struct, Scratch, ScratchSize, Persistent, Null, Pointers
]
"""An int or float is written as a literal; a str is written unchanged, as a C expression."""


@dataclass(frozen=True)
class Overlap:
    """An allowed overlap: the output may start at least `distance` bytes below the input, or, with
    `exact`, exactly `distance` bytes below it.

    `input` and `output` are positions among the layer's inputs and outputs. With this distance, the
    kernel never overwrites a byte that it still has to read (see `overlap.py`).
    """

    distance: int
    exact: bool = False
    input: int = 0
    output: int = 0


@dataclass(frozen=True, eq=False)
class KernelCall:
    """How one layer is executed.

    kernel      the name in tables and for `components` ('conv2d_1x1')
    library     the library's name
    function    the C function; `header` declares it
    scratch     bytes of scratch memory; a str is a C expression that a probing firmware evaluates
                (see `Generated.probe`), for libraries that know the size only at run time
    in_place    pairs (input position, output position) that may share one buffer
    overlaps    further allowed overlaps of outputs and inputs
    setup       a call executed once, during initialisation. It returns void too and may take the
                same arguments; `ScratchSize` there means the main call's size. Its own `scratch`,
                `setup` and `persistent` are ignored
    persistent  bytes reserved for the whole run, in the same form as `scratch`
    sources     C and assembly files of this kernel that `components` does not list; they are added
                to the library's component
    defines     defines for those files, shared by all calls of the library. `NAME=VALUE` applies
                only if all calls that set NAME agree, so a kernel must also work without it
    predict     the instructions that a call takes by the kernel's own formula, given the defines
                that its files are built with; None without a formula
    code        the parts of the kernel's machine code as (name, bytes), as far as they are known;
                calls share parts of one name
    """

    kernel: str
    library: str
    function: str
    header: str
    arguments: tuple[Argument, ...]
    scratch: int | str = 0
    in_place: tuple[tuple[int, int], ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    setup: KernelCall | None = None
    persistent: int | str = 0
    sources: tuple[Path, ...] = ()
    defines: tuple[str, ...] = ()
    predict: Callable[[Collection[str]], int] | None = None
    code: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Feature:
    """A name for `--mlbench-features`: it selects a kernel library, or an ISA extension for one.

    library     the kernel library that it selects or refines
    requires    features that must be chosen with it; `excludes`: features that must not be
    refines     for a feature that several libraries share ('vext'): the features that it refines;
                at least one of them must be chosen with it. `library` is then empty, and the
                libraries' descriptions of the feature are merged
    extensions  ISA letters or names that it adds to the target's ISA ('v')
    config      the keys of `--mlbench-config` that it understands
    values      config key -> allowed values; a key that is not listed takes any value
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


class KernelLibrary(ABC):
    """Kernels for the `aot` backend, and for other backends that accept the library: the base class
    of every library.

    A library has a `name` and implements `lower` and `components`; everything else has a default.
    """

    name: str
    """The name in records and tables."""

    features: tuple[Feature, ...] = ()
    """The features that select and refine it."""

    source: str = ""
    """The pinned source that it is built from."""

    trials: tuple[tuple[str, ...], ...] = ()
    """The feature sets that users build it with; `doctor --sources` builds each once."""

    reference: Callable[..., Any] | None = None
    """A method `reference(layer, *inputs)` for operators that the library brings: the stored values
    of the outputs, as arrays."""

    def functions(self, context: LowerContext) -> Mapping[str, str]:
        """Each kernel that its source has (for `components`) -> the C function that is called, for
        trial builds."""
        return {}

    @abstractmethod
    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        """The call that executes `layer`, or None if this library does not cover it."""

    def candidates(self, layer: Layer, context: LowerContext) -> tuple[KernelCall, ...]:
        """Every call that may execute `layer`, from the fastest to the slowest; empty if this
        library does not cover it. By default the one of `lower`."""
        call = self.lower(layer, context)
        return () if call is None else (call,)

    @abstractmethod
    def components(self, kernels: frozenset[str], context: LowerContext) -> tuple[Component, ...]:
        """The components to compile and link for the named kernels."""

    def version(self, context: LowerContext) -> str:
        """Its version, or the commit of its source; without one, this package's version."""
        return __version__

    def known(self, layers: Sequence[Layer], context: LowerContext) -> tuple[str, ...]:
        """Known faults with `layers` if a framework calls the kernels itself."""
        return ()
