"""The seam between the `aot` backend and kernel libraries.

For every operator the backend asks the selected library, then the reference library:
`library.lower(layer, context)` answers with a `KernelCall` or None. The backend plans the memory,
writes the constants out as C and calls the function. A C kernel therefore gets exactly the
arguments its Python side asked for, weights in any layout that side wants:

    int32_t is how C kernels report nothing: they return void. What can go wrong is decided in
    `lower`, at build time.

Most libraries want the reference's own argument structs (`pytest_mlbench/kernels/include/`) and
only bring other functions: see `reference.library.ReferenceLibrary.lower` for the calls they can
take over by changing the function's name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Union

from pytest_mlbench.errors import CannotRun

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


ALIGNMENT = 16
"""Every tensor and buffer in the arena begins at a multiple of so many bytes."""


def no_sources(name: str) -> Path:
    """For contexts without provisioning: no pinned source can be had."""
    raise CannotRun(f"the source {name!r} is not provisioned here")


@dataclass(frozen=True)
class LowerContext:
    """What a library may base its decision on.

    `sources`: a pinned source's name -> its folder, provisioned; raises CannotRun. `compiler` is
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
    """The call's `output` (its position) may lie over its `input` if it begins `distance` bytes
    before it, or, unless `exact`, more: the kernel never writes what it still reads (see
    `overlap.py`)."""

    distance: int
    exact: bool = False
    input: int = 0
    output: int = 0


@dataclass(frozen=True, eq=False)
class KernelCall:
    """How one layer is executed.

    kernel      the name that tables and `parts` use ('conv2d_1x1')
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
    sources     the C and assembly files of this kernel, if `parts` does not know them by its name:
                they join the library's own part
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
