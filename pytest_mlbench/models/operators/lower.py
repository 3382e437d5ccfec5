"""From a graph's operators to layers: everything resolved that is known at build time.

`lower` is one function per operator kind in `_LOWER`; the arithmetic is in `arithmetic.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import arithmetic as q
from . import fixed_point, layers
from . import rules as support
from .lower_linear import conv2d, depthwise_conv2d, fully_connected, pool2d
from .shapes import concatenation_axis, mean_axes
from .view import View, common

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.models.tflite.graph import Graph, Tensor

VIEWS_ONLY = ("RESHAPE", "SQUEEZE")
"""Operators that change no byte: their output is their input's buffer."""


def lower(graph: Graph, *, where: str = "") -> tuple[layers.Layer | None, ...]:
    """One layer per operator, None for those that change no byte.

    Raises UserMistake naming every operator that is not covered; `where` names the model in it.
    """
    problems = support.problems(graph)
    lowered: list[layers.Layer | None] = []
    for operator in graph.operators:
        if operator.index in problems or operator.kind in VIEWS_ONLY:
            lowered.append(None)
            continue
        try:
            lowered.append(_LOWER[operator.kind](View.of(graph, operator)))
        except q.NotRepresentable as error:
            problems[operator.index] = str(error)
    if problems:
        raise support.refusal(graph, problems, where=where)
    return tuple(lowered)


def _operand(tensor: Tensor, factor: q.Multiplier) -> layers.Operand:
    return layers.Operand(
        shape=tensor.shape,
        offset=-tensor.quantisation.zero_point,
        multiplier=factor.multiplier,
        shift=factor.shift,
        data=tensor.data,  # type: ignore[arg-type]
    )


_NO_FACTOR = q.Multiplier(0, 0)


def _elementwise(
    view: View, left: q.Multiplier, right: q.Multiplier, output: q.Multiplier, left_shift: int
) -> layers.Elementwise:
    activation = view.option("fused_activation_function", "NONE")
    low, high = q.activation_range(activation, view.output)
    return layers.Elementwise(
        **common(view, 0, 1),
        left=_operand(view.tensor(0), left),
        right=_operand(view.tensor(1), right),
        output_shape=view.output.shape,
        left_shift=left_shift,
        output_offset=view.output.quantisation.zero_point,
        output_multiplier=output.multiplier,
        output_shift=output.shift,
        activation_min=low,
        activation_max=high,
    )


def _sum(view: View) -> layers.Elementwise:
    """ADD and SUB: both operands are brought to twice the larger input scale."""
    scales = [view.tensor(position).quantisation.scale for position in (0, 1)]
    common_scale = 2 * max(scales)
    return _elementwise(
        view,
        q.smaller_than_one(scales[0] / common_scale),
        q.smaller_than_one(scales[1] / common_scale),
        q.smaller_than_one(common_scale / ((1 << q.LEFT_SHIFT) * view.output.quantisation.scale)),
        q.LEFT_SHIFT,
    )


def _product(view: View) -> layers.Elementwise:
    left, right = (view.tensor(position).quantisation.scale for position in (0, 1))
    real = q.product_scale(left, right, view.output.quantisation.scale)
    return _elementwise(view, _NO_FACTOR, _NO_FACTOR, q.quantize_multiplier(real), 0)


def _selection(view: View) -> layers.Elementwise:
    return _elementwise(view, _NO_FACTOR, _NO_FACTOR, _NO_FACTOR, 0)


def _softmax(view: View) -> layers.Softmax:
    source = view.tensor(0)
    _expect_output(view, 1 / 256, -128)
    factor, diff_min = q.softmax_scaling(view.option("beta"), source.quantisation.scale)
    depth = source.shape[-1]
    return layers.Softmax(
        **common(view),
        rows=source.elements // depth,
        depth=depth,
        multiplier=factor.multiplier,
        shift=factor.shift,
        diff_min=diff_min,
    )


def _expect_output(view: View, scale: float, zero_point: int) -> None:
    """The fixed-point functions produce one scale. Raises NotRepresentable for another."""
    found = view.output.quantisation
    if (found.scale, found.zero_point) != (scale, zero_point):
        raise q.NotRepresentable(
            f"its output has scale {found.scale:g} and zero point {found.zero_point}, "
            f"expected {scale:g} and {zero_point}"
        )


def _lookup(view: View) -> layers.Lookup:
    source = view.tensor(0)
    if view.kind == "LOGISTIC":
        _expect_output(view, 1 / 256, -128)
    else:
        _expect_output(view, 1 / 128, 0)
    known = source.quantisation
    return layers.Lookup(
        **common(view),
        count=source.elements,
        table=fixed_point.table(view.kind, known.scale, known.zero_point),
    )


def _rescale(view: View, factor: q.Multiplier, low: int, high: int) -> layers.Rescale:
    source, output = view.tensor(0), view.output
    return layers.Rescale(
        **common(view),
        count=source.elements,
        input_dtype=source.dtype,
        output_dtype=output.dtype,
        input_offset=-source.quantisation.zero_point,
        output_offset=output.quantisation.zero_point,
        multiplier=factor.multiplier,
        shift=factor.shift,
        activation_min=low,
        activation_max=high,
    )


def _ratio(view: View) -> q.Multiplier:
    return q.quantize_multiplier(view.tensor(0).quantisation.scale / view.output.quantisation.scale)


def _relu(view: View) -> layers.Rescale:
    return _rescale(view, _ratio(view), *q.activation_range("RELU", view.output))


def _relu6(view: View) -> layers.Rescale:
    return _rescale(view, q.IDENTITY, *q.activation_range("RELU6", view.output))


def _quantize(view: View) -> layers.Layer:
    source, output = view.tensor(0), view.output
    if source.dtype == "float32":
        if output.dtype != "int8":
            raise q.NotRepresentable(f"from float32 to {output.dtype}, expected int8")
        return _affine(view, output)
    if (source.dtype, output.dtype) == ("uint8", "uint8"):
        raise q.NotRepresentable("from uint8 to uint8, expected int8 on one side")
    return _rescale(view, _ratio(view), *q.LIMITS[output.dtype])


def _dequantize(view: View) -> layers.Affine:
    return _affine(view, view.tensor(0))


def _affine(view: View, integers: Tensor) -> layers.Affine:
    known = integers.quantisation
    return layers.Affine(
        **common(view),
        count=view.output.elements,
        dtype=integers.dtype,
        scale=known.scale,
        zero_point=known.zero_point,
    )


def _pad(view: View) -> layers.Pad:
    amounts, value = view.tensor(1).data, view.optional(2)
    assert amounts is not None
    zero_point = view.output.quantisation.zero_point
    return layers.Pad(
        **common(view),
        input_shape=view.tensor(0).shape,
        output_shape=view.output.shape,
        before=tuple(amounts.reshape(-1, 2)[:, 0].astype(int).tolist()),
        value=zero_point if value is None or value.data is None else int(value.data.item()),
    )


def _mean(view: View) -> layers.Mean:
    source, output, axes = view.tensor(0), view.output, mean_axes(view)
    count = 1
    for axis in axes:
        count *= source.shape[axis]
    factor = q.mean_multiplier(source.quantisation.scale, output.quantisation.scale, count)
    return layers.Mean(
        **common(view),
        input_shape=source.shape,
        axes=axes,
        input_offset=-source.quantisation.zero_point,
        output_offset=output.quantisation.zero_point,
        multiplier=factor.multiplier,
        shift=factor.shift,
    )


def _concatenation(view: View) -> layers.Concatenation:
    positions = range(len(view.inputs))
    return layers.Concatenation(
        **common(view, *positions),
        input_shapes=tuple(view.tensor(position).shape for position in positions),
        output_shape=view.output.shape,
        axis=concatenation_axis(view),
    )


_LOWER: dict[str, Callable[[View], layers.Layer]] = {
    "ADD": _sum,
    "AVERAGE_POOL_2D": pool2d,
    "CONCATENATION": _concatenation,
    "CONV_2D": conv2d,
    "DEPTHWISE_CONV_2D": depthwise_conv2d,
    "DEQUANTIZE": _dequantize,
    "FULLY_CONNECTED": fully_connected,
    "LOGISTIC": _lookup,
    "MAXIMUM": _selection,
    "MAX_POOL_2D": pool2d,
    "MEAN": _mean,
    "MINIMUM": _selection,
    "MUL": _product,
    "PAD": _pad,
    "PADV2": _pad,
    "QUANTIZE": _quantize,
    "RELU": _relu,
    "RELU6": _relu6,
    "SOFTMAX": _softmax,
    "SUB": _sum,
    "TANH": _lookup,
}
