"""Registers reference kernels: the layers that a kernel executes, its C file, and its call."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Null, Struct, TensorRef
from pytest_mlbench.models.operators.layers import Layer

from . import NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import Argument

HEADER = "mlbench_kernels.h"
FIRST = ((0, 0),)
"""The output may share the first input's buffer."""


@dataclass(frozen=True)
class Kernel:
    """`sources`: kernel -> the C file that defines `mlbench_reference_<kernel>`. `call` makes the
    call for every layer of exactly the class `layer`, not of derived classes."""

    layer: type[Layer]
    sources: Mapping[str, str]
    call: Callable[[Any], KernelCall]


def kernel(
    layer: type[Layer],
    name: str,
    source: str = "",
    *,
    params: Callable[[Any], Struct] | None = None,
    in_place: bool = False,
    header: str = HEADER,
) -> Kernel:
    """Registers the usual form: `mlbench_reference_<name>(&params, inputs..., output)`.

    It is defined in <name>.c or `source`. Without `params`, the struct mlbench_<name> has the
    layer's fields (see `struct`). `in_place`: the output may share the first input's buffer.
    """

    def call_of(layer: Layer) -> KernelCall:
        given = params(layer) if params else struct(layer, name)
        places = FIRST if in_place else ()
        return call(name, layer, given, *inputs(layer), in_place=places, header=header)

    return Kernel(layer, {name: source or f"{name}.c"}, call_of)


def call(
    kernel: str,
    layer: Layer,
    *arguments: Argument,
    in_place: tuple[tuple[int, int], ...] = (),
    header: str = HEADER,
) -> KernelCall:
    """A call with the given parameters and inputs; the outputs come last."""
    return KernelCall(
        kernel=kernel,
        library=NAME,
        function=f"mlbench_reference_{kernel}",
        header=header,
        arguments=(*arguments, *(TensorRef(index) for index in layer.outputs)),
        in_place=in_place,
    )


def inputs(layer: Layer) -> tuple[TensorRef, ...]:
    """The addresses of the layer's inputs."""
    return tuple(TensorRef(index) for index in layer.inputs)


_COMMON = frozenset(field.name for field in fields(Layer))
_CTYPES = {"b": "int8_t", "h": "int16_t", "i": "int32_t", "q": "int64_t", "f": "float"}


def struct(layer: Layer, name: str, *leave_out: str) -> Struct:
    """`struct mlbench_<name>` with the layer's own fields, without those that all layers have.

    Numbers are written as they are, tuples as C arrays or structs, numpy arrays by address, None as
    a null pointer. Strings (types and names) are left out: they choose the kernel, which does not
    read them.
    """
    found: dict[str, Argument] = {}
    for field in fields(layer):
        value = getattr(layer, field.name)
        if field.name not in (*_COMMON, *leave_out) and not isinstance(value, str):
            found[field.name] = argument(value, field.name)
    return Struct(f"struct mlbench_{name}", found)


def weighted_struct(layer: Any, name: str, *leave_out: str) -> Struct:
    """As `struct`. Computed weights are the address of the second input, a computed bias that of
    the last one."""
    made = struct(layer, name, "computed_bias", *leave_out)
    computed: dict[str, Argument] = {}
    if layer.weights is None:
        computed["weights"] = TensorRef(layer.inputs[1])
    if layer.computed_bias:
        computed["bias"] = TensorRef(layer.inputs[-1])
    return Struct(made.ctype, {**made.fields, **computed})


def with_images(layer: Any, made: Struct) -> Struct:
    """`made` with the shapes of input and output as `struct mlbench_image`."""
    shapes = {"input": braces(layer.input_shape), "output": braces(layer.output_shape)}
    return Struct(made.ctype, {**shapes, **made.fields})


def argument(value: Any, name: str) -> Argument:
    """A layer's field as the value of a C struct's field."""
    if value is None:
        return Null()
    if isinstance(value, np.ndarray):
        return Array(_CTYPES[value.dtype.char.replace("l", "q")], value, name=name)
    if isinstance(value, tuple):
        return braces(value)
    return int(value) if isinstance(value, bool) else value


def braces(values: Iterable[object]) -> str:
    """A C initialiser for numbers or (nested) tuples of numbers."""
    return (
        "{" + ", ".join(braces(one) if isinstance(one, tuple) else str(one) for one in values) + "}"
    )


def int8_weights(values: NDArray[np.int8]) -> Array:
    """Weights in the model's layout."""
    return Array("int8_t", values, name="weights")


def words(values: NDArray[np.int32] | None, name: str) -> Array | Null:
    """An int32 array; a null pointer for None."""
    return Null() if values is None else Array("int32_t", values, name=name)


def bounds(layer: Any) -> dict[str, Argument]:
    """The activation bounds."""
    return {"activation_min": layer.activation_min, "activation_max": layer.activation_max}
