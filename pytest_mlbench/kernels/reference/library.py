"""The reference kernels: every layer the `aot` backend knows, in plain C.

Other libraries can take over any of these calls by changing `function`, `library` and `header`:
the structs of `mlbench_kernels.h` hold what they need as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import CompilerLacks
from pytest_mlbench.firmware.parts import Part
from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import Feature, KernelCall, TensorRef
from pytest_mlbench.models.operators import layers

from . import params

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.kernels.interface import Argument, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

NAME = "reference"

SOURCES = {
    "conv2d": "conv2d.c",
    "depthwise_conv2d": "depthwise_conv2d.c",
    "fully_connected": "fully_connected.c",
    "average_pool2d": "pool2d.c",
    "max_pool2d": "pool2d.c",
    "add": "elementwise.c",
    "sub": "elementwise.c",
    "mul": "elementwise.c",
    "maximum": "elementwise.c",
    "minimum": "elementwise.c",
    "softmax": "softmax.c",
    "lookup": "lookup.c",
    "rescale": "rescale.c",
    "rescale_from_uint8": "rescale.c",
    "rescale_to_uint8": "rescale.c",
    "quantize": "affine.c",
    "dequantize": "affine.c",
    "dequantize_uint8": "affine.c",
    "pad": "pad.c",
    "mean": "mean.c",
    "concatenation": "concatenation.c",
}
"""Kernel -> the file that holds it. The C function is `mlbench_reference_<kernel>`."""


VECTORISES = {"gcc": 14, "clang": 17}
"""The oldest major versions that vectorise loops for V 1.0."""


class ReferenceLibrary:
    """Covers every layer kind, so that it can stand behind any other library."""

    name = NAME
    features: tuple[Feature, ...] = (
        Feature(
            "autovec",
            "the reference kernels, vectorised by the compiler",
            library=NAME,
            excludes=("cmsisnn", "muriscvnn", "tuned"),
            extensions=("v",),
        ),
    )

    def lower(self, layer: Layer, context: LowerContext) -> KernelCall | None:
        """The call for `layer`; None for a class of layers that is not ours."""
        del context
        build = _CALLS.get(type(layer))
        return build(layer) if build else None

    def parts(self, kernels: frozenset[str], context: LowerContext) -> tuple[Part, ...]:
        """The files of the kernels that are called, and no other.

        Raises CompilerLacks for `autovec` with a compiler that does not vectorise for RISC-V.
        """
        options: tuple[str, ...] = ()
        if "autovec" in context.features:
            check_vectoriser(context.compiler)
            options = (f"-march={Isa.parse(context.isa).assembler}",)
        folder = Path(__file__).parent
        files = sorted({SOURCES[kernel] for kernel in kernels})
        return (
            Part(
                name=NAME,
                sources=tuple(folder / file for file in files),
                headers=(folder.parent / "include",),
                public=True,
                options=options,
            ),
        )


def check_vectoriser(compiler: str) -> None:
    """Refuse a compiler that makes no vector instructions of C loops. One that is not known may
    try."""
    name, _, version = compiler.partition(" ")
    major = int(version.partition(".")[0] or 0) if version[:1].isdigit() else 0
    if name in VECTORISES and major < VECTORISES[name]:
        raise CompilerLacks(
            f"{compiler} makes no RISC-V vector instructions of C loops",
            remedy="Take --mlbench-toolchain llvm, or a GCC of 14 or newer by its prefix",
        )


def _call(
    kernel: str, layer: Layer, *arguments: Argument, in_place: tuple[tuple[int, int], ...] = ()
) -> KernelCall:
    """Parameters and inputs are given; the output comes last."""
    return KernelCall(
        kernel=kernel,
        library=NAME,
        function=f"mlbench_reference_{kernel}",
        header="mlbench_kernels.h",
        arguments=(*arguments, TensorRef(layer.outputs[0])),
        in_place=in_place,
    )


def _inputs(layer: Layer) -> tuple[TensorRef, ...]:
    return tuple(TensorRef(index) for index in layer.inputs)


_FIRST = ((0, 0),)


def _conv2d(layer: layers.Conv2D) -> KernelCall:
    return _call("conv2d", layer, params.conv2d(layer), *_inputs(layer))


def _depthwise_conv2d(layer: layers.DepthwiseConv2D) -> KernelCall:
    return _call("depthwise_conv2d", layer, params.depthwise_conv2d(layer), *_inputs(layer))


def _fully_connected(layer: layers.FullyConnected) -> KernelCall:
    weights: tuple[Argument, ...] = ()
    if layer.weights is not None:
        weights = (params.weights(layer.weights),)
    struct = params.fully_connected(layer)
    return _call("fully_connected", layer, struct, *_inputs(layer), *weights)


def _pool2d(layer: layers.Pool2D) -> KernelCall:
    kernel = "average_pool2d" if layer.kind == "AVERAGE_POOL_2D" else "max_pool2d"
    return _call(kernel, layer, params.pool2d(layer), *_inputs(layer))


def _elementwise(layer: layers.Elementwise) -> KernelCall:
    full = tuple(
        (position, 0)
        for position, operand in enumerate((layer.left, layer.right))
        if operand.shape == layer.output_shape
    )
    struct = params.elementwise(layer)
    return _call(layer.kind.lower(), layer, struct, *_inputs(layer), in_place=full)


def _softmax(layer: layers.Softmax) -> KernelCall:
    return _call("softmax", layer, params.softmax(layer), *_inputs(layer), in_place=_FIRST)


def _lookup(layer: layers.Lookup) -> KernelCall:
    return _call("lookup", layer, params.lookup(layer), *_inputs(layer), in_place=_FIRST)


def _rescale(layer: layers.Rescale) -> KernelCall:
    kernel = {
        ("int8", "int8"): "rescale",
        ("uint8", "int8"): "rescale_from_uint8",
        ("int8", "uint8"): "rescale_to_uint8",
    }[layer.input_dtype, layer.output_dtype]
    return _call(kernel, layer, params.rescale(layer), *_inputs(layer), in_place=_FIRST)


def _affine(layer: layers.Affine) -> KernelCall:
    kernel = "quantize" if layer.kind == "QUANTIZE" else "dequantize"
    if layer.dtype == "uint8":
        kernel += "_uint8"
    # From the front, QUANTIZE writes behind where it reads; DEQUANTIZE would write ahead of it.
    in_place = _FIRST if layer.kind == "QUANTIZE" else ()
    return _call(kernel, layer, params.affine(layer), *_inputs(layer), in_place=in_place)


def _pad(layer: layers.Pad) -> KernelCall:
    return _call("pad", layer, params.pad(layer), *_inputs(layer))


def _mean(layer: layers.Mean) -> KernelCall:
    return _call("mean", layer, params.mean(layer), *_inputs(layer))


def _concatenation(layer: layers.Concatenation) -> KernelCall:
    inputs = params.Pointers(_inputs(layer), name="inputs")
    return _call("concatenation", layer, params.concatenation(layer), inputs)


_CALLS: dict[type[Layer], Callable[..., KernelCall]] = {
    layers.Affine: _affine,
    layers.Concatenation: _concatenation,
    layers.Conv2D: _conv2d,
    layers.DepthwiseConv2D: _depthwise_conv2d,
    layers.Elementwise: _elementwise,
    layers.FullyConnected: _fully_connected,
    layers.Lookup: _lookup,
    layers.Mean: _mean,
    layers.Pad: _pad,
    layers.Pool2D: _pool2d,
    layers.Rescale: _rescale,
    layers.Softmax: _softmax,
}
