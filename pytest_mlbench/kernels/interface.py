"""The seam between the `aot` backend and kernel libraries.

For every operator the backend asks the selected library, then the reference library:
`library.lower(layer, context)` answers with a `KernelCall` or None. The backend plans the memory,
writes the constants out as C and calls the function. A C kernel therefore gets exactly the
arguments its Python side asked for, weights in any layout that side wants. Kernels return `void`;
whatever can fail is decided in `lower`, at build time.

Most libraries want the reference's own argument structs (`pytest_mlbench/kernels/include/`) and
only bring other functions: see `reference.library.ReferenceLibrary.lower` for the calls they can
take over by changing the function's name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Union, runtime_checkable

from pytest_mlbench.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlbench.firmware.components import Component
    from pytest_mlbench.models.operators.layers import Layer


ALIGNMENT = 16
"""Every tensor and buffer in the arena begins at a multiple of so many bytes."""


def no_sources(name: str) -> Path:
    """For contexts without provisioning: no pinned source can be had."""
    raise Unavailable(f"the source {name!r} is not provisioned here")


@dataclass(frozen=True)
class LowerContext:
    """What a library may base its decision on.

    `sources`: a pinned source's name -> its folder, provisioned; raises Unavailable. `compiler` is
    the C compiler as `gcc 12.2.0`, empty when it is not known.
    """

    features: tuple[str, ...]
    isa: str
    optimize: str
    config: Mapping[str, str] = field(default_factory=dict)
    sources: Callable[[str], Path] = no_sources
    compiler: str = ""


@dataclass(frozen=True)
class TensorRef:
    """The address of tensor `index`: in the arena, or in ROM when it is a constant."""

    index: int


@dataclass(frozen=True, eq=False)
class Array:
    """A constant array in ROM, passed by address; equal arrays are written once.

    `ctype` is the element's C type; values are written in C order. `align` in bytes.
    """

    ctype: str
    values: NDArray[np.generic]
    align: int = 0
    name: str = ""
    """What it is ('weights', 'bias'): a part of the generated C name."""


@dataclass(frozen=True)
class Struct:
    """A constant struct in ROM, passed by address: `ctype` as written in C, fields by name."""

    ctype: str
    fields: Mapping[str, Argument]
    name: str = ""


@dataclass(frozen=True)
class Scratch:
    """The address of this call's scratch buffer (`KernelCall.scratch` bytes, 16-aligned)."""

    offset: int = 0


@dataclass(frozen=True)
class ScratchSize:
    """The bytes that were planned for this call's scratch buffer, as an integer."""


@dataclass(frozen=True)
class Persistent:
    """The address of this layer's persistent buffer (`KernelCall.persistent` bytes, 16-aligned),
    the same in `KernelCall.setup`, which fills it; a null pointer when it has no bytes."""


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
"""An int or float is written as a literal; a str as the C expression it is."""


@dataclass(frozen=True)
class Behind:
    """Where a call's output may alias its input: when it starts at least `distance` bytes below the
    input, or, with `exact`, exactly that far below.

    `input` and `output` are positions among the layer's inputs and outputs. There the kernel never
    writes a byte that it has still to read (see `overlap.py`).
    """

    distance: int
    exact: bool = False
    input: int = 0
    output: int = 0


@dataclass(frozen=True, eq=False)
class KernelCall:
    """How one layer is executed.

    kernel      the name that tables and `components` use ('conv2d_1x1')
    library     the library's name
    function    the C function; `header` declares it
    scratch     bytes of scratch; a str is a C expression that the firmware evaluates while it is
                probed (see `Generated.probe`), for libraries that only know at run time
    in_place    pairs (input position, output position) that may share one buffer
    behind      where else the output may lie over an input
    setup       a call executed once at initialisation. It returns void as well and may take the
                same arguments: `ScratchSize` there is the main call's. Its own `scratch`, `setup`
                and `persistent` are not looked at
    persistent  bytes kept for good beside the arena's activations, as `scratch`
    sources     the C and assembly files of this kernel, if `components` does not know them by its
    name:
                they join the library's own component
    defines     what those files are compiled with, for all calls of the library. `NAME=VALUE` holds
                only where all calls that name it agree: a kernel has to work without
    """

    kernel: str
    library: str
    function: str
    header: str
    arguments: tuple[Argument, ...]
    scratch: int | str = 0
    in_place: tuple[tuple[int, int], ...] = ()
    behind: tuple[Behind, ...] = ()
    setup: KernelCall | None = None
    persistent: int | str = 0
    sources: tuple[Path, ...] = ()
    defines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feature:
    """A name for `--mlbench-features`: it selects a kernel library, or an ISA extension for one.

    library     the kernel library it selects or refines
    requires    features that have to be chosen with it; `excludes`: features that must not be
    refines     for a feature that several libraries have ('vext'): the features it refines, at
                least one of which has to be chosen with it. `library` is then empty, and the
                libraries' descriptions of the feature are put together
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


@runtime_checkable
class KernelLibrary(Protocol):
    """Kernels for the `aot` backend (and, where it says so, for others).

    A library that is built from a pinned source may have two more attributes: `trials`, the sets of
    features with which users build it, and `kernels`, the names of all its kernels, for
    `components`: `doctor --sources` then builds each variant once.
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

    def components(self, kernels: frozenset[str], context: LowerContext) -> tuple[Component, ...]:
        """What has to be compiled and linked for the named kernels."""
        ...
