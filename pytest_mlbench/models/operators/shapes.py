"""Shapes that must agree before an operator can be lowered. Pure; a clause per misfit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .arithmetic import output_size
from .view import dims

if TYPE_CHECKING:
    from collections.abc import Callable

    from .view import View

MAX_RANK = 6
"""As many dimensions as a kernel walks (MLBENCH_MAX_DIMS)."""

SOFTMAX_DEPTH = 4095
"""More than this could overflow the sum of exponentials (Q12.19)."""


def shape_problem(view: View) -> str:
    """What is wrong with the operator's shapes; empty when nothing is."""
    check = _CHECKS.get(view.kind, _same_shape)
    return check(view)


def _expect(view: View, shape: tuple[int, ...]) -> str:
    found = view.output.shape
    return "" if found == shape else f"its output is {dims(found)}, expected {dims(shape)}"


def _same_shape(view: View) -> str:
    return _expect(view, view.tensor(0).shape)


def _window(view: View, window: tuple[int, int], dilation: tuple[int, int], channels: int) -> str:
    batch, height, width, _ = view.tensor(0).shape
    stride = (view.option("stride_h"), view.option("stride_w"))
    padding = view.option("padding")
    if padding not in ("SAME", "VALID"):
        return f"padding {padding}, expected SAME or VALID"
    if min(*stride, *dilation, *window) < 1:
        return "a stride, dilation or filter size below 1"
    rows = output_size(height, window[0], stride[0], dilation[0], padding)
    columns = output_size(width, window[1], stride[1], dilation[1], padding)
    if min(rows, columns) < 1:
        return f"its {window[0]}x{window[1]} filter is larger than its {height}x{width} input"
    return _expect(view, (batch, rows, columns, channels))


def _four_dimensions(view: View) -> str:
    for position in range(2 if "CONV" in view.kind else 1):
        if len(view.tensor(position).shape) != 4:
            return f"input {position} is {dims(view.tensor(position).shape)}, expected 4 dimensions"
    return ""


def _dilation(view: View) -> tuple[int, int]:
    return view.option("dilation_h_factor", 1), view.option("dilation_w_factor", 1)


def _bias(view: View, outputs: int) -> str:
    bias = view.optional(2)
    if bias is not None and bias.elements != outputs:
        return f"its bias has {bias.elements} values, expected {outputs}"
    return ""


def _weight_scales(view: View, outputs: int, axis: int) -> str:
    known = view.tensor(1).quantisation
    if not known.scales:
        return "its weights have no scale"
    if not all(0 < scale < math.inf for scale in known.scales):
        return "its weights have a scale that is not a positive number"
    if any(known.zero_points):
        return "its weights have a zero point other than 0"
    if len(known.scales) > 1 and (len(known.scales), known.axis) != (outputs, axis):
        return f"its weights have {len(known.scales)} scales along axis {known.axis}"
    return ""


def _conv(view: View) -> str:
    problem = _four_dimensions(view)
    if problem:
        return problem
    outputs, height, width, depth = view.tensor(1).shape
    channels = view.tensor(0).shape[3]
    if channels % depth or outputs % (channels // depth):
        return f"{channels} channels in, {outputs} out and {depth} per filter do not form groups"
    return (
        _window(view, (height, width), _dilation(view), outputs)
        or _bias(view, outputs)
        or _weight_scales(view, outputs, 0)
    )


def _depthwise(view: View) -> str:
    problem = _four_dimensions(view)
    if problem:
        return problem
    first, height, width, outputs = view.tensor(1).shape
    channels = view.tensor(0).shape[3]
    multiplier = view.option("depth_multiplier")
    if first != 1 or outputs != channels * multiplier:
        return (
            f"its weights are {dims(view.tensor(1).shape)}, expected 1x{height}x{width}x"
            f"{channels * multiplier}"
        )
    return (
        _window(view, (height, width), _dilation(view), outputs)
        or _bias(view, outputs)
        or _weight_scales(view, outputs, 3)
    )


def _fully_connected(view: View) -> str:
    weights = view.tensor(1)
    if len(weights.shape) != 2:
        return f"its weights are {dims(weights.shape)}, expected 2 dimensions"
    if view.option("weights_format", "DEFAULT") != "DEFAULT":
        return f"its weights have the format {view.option('weights_format')}"
    outputs, features = weights.shape
    batches, rest = divmod(view.tensor(0).elements, features)
    if rest:
        return f"input 0 is {dims(view.tensor(0).shape)}, expected rows of {features}"
    if view.output.elements != batches * outputs or view.output.shape[-1:] != (outputs,):
        return f"its output is {dims(view.output.shape)}, expected {batches}x{outputs}"
    return _bias(view, outputs) or _weight_scales(view, outputs, 0)


def _pool(view: View) -> str:
    problem = _four_dimensions(view)
    window = (view.option("filter_height"), view.option("filter_width"))
    return problem or _window(view, window, (1, 1), view.tensor(0).shape[3])


def _broadcast(view: View) -> str:
    left, right = view.tensor(0).shape, view.tensor(1).shape
    rank = max(len(left), len(right))
    if rank > MAX_RANK:
        return f"{rank} dimensions, expected at most {MAX_RANK}"
    pairs = list(
        zip((1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right, strict=True)
    )
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        return f"{dims(left)} and {dims(right)} do not broadcast"
    return _expect(view, tuple(max(a, b) for a, b in pairs))


def _softmax(view: View) -> str:
    shape = view.tensor(0).shape
    if not shape:
        return "its input is a scalar"
    if shape[-1] > SOFTMAX_DEPTH:
        return f"{shape[-1]} values per row, expected at most {SOFTMAX_DEPTH}"
    return _same_shape(view)


def _elements(view: View) -> str:
    before, after = view.tensor(0), view.output
    if before.elements != after.elements:
        return f"{before.elements} elements cannot be {dims(after.shape)}"
    return ""


def _pad(view: View) -> str:
    shape, amounts = view.tensor(0).shape, view.tensor(1).data
    if amounts is None or amounts.size != 2 * len(shape) or len(shape) > MAX_RANK:
        return f"paddings {dims(view.tensor(1).shape)} do not fit an input {dims(shape)}"
    pairs = amounts.reshape(-1, 2).astype(int).tolist()
    if min((min(pair) for pair in pairs), default=0) < 0:
        return "a negative padding"
    value = view.optional(2)
    if value is not None and value.elements != 1:
        return f"{value.elements} padding values, expected 1"
    return _expect(view, tuple(size + sum(pair) for size, pair in zip(shape, pairs, strict=True)))


def mean_axes(view: View) -> tuple[int, ...]:
    """MEAN's axes, sorted, none negative or named twice. Raises ValueError for a bad one."""
    rank = len(view.tensor(0).shape)
    data = view.tensor(1).data
    axes = data.reshape(-1).astype(int).tolist() if data is not None else []
    if any(not -rank <= axis < rank for axis in axes):
        raise ValueError(f"axes {axes} of {rank} dimensions")
    return tuple(sorted({axis % rank for axis in axes}))


def _mean(view: View) -> str:
    shape = view.tensor(0).shape
    if len(shape) > MAX_RANK:
        return f"{len(shape)} dimensions, expected at most {MAX_RANK}"
    try:
        axes = mean_axes(view)
    except ValueError as error:
        return str(error)
    if view.option("keep_dims", default=False):
        return _expect(view, tuple(1 if i in axes else size for i, size in enumerate(shape)))
    return _expect(view, tuple(size for i, size in enumerate(shape) if i not in axes))


def concatenation_axis(view: View) -> int:
    """CONCATENATION's axis, not negative. Raises ValueError for a bad one."""
    rank, axis = len(view.output.shape), int(view.option("axis"))
    if not -rank <= axis < rank:
        raise ValueError(f"axis {axis} of {rank} dimensions")
    return axis % rank


def _concatenation(view: View) -> str:
    if view.option("fused_activation_function", "NONE") != "NONE":
        return f"the fused activation {view.option('fused_activation_function')}"
    try:
        axis = concatenation_axis(view)
    except ValueError as error:
        return str(error)
    shapes = [view.tensor(i).shape for i in range(len(view.inputs))]
    rest = {shape[:axis] + shape[axis + 1 :] for shape in shapes}
    if len(rest) != 1 or any(len(shape) != len(view.output.shape) for shape in shapes):
        return f"inputs {', '.join(map(dims, shapes))} do not join along axis {axis}"
    total = sum(shape[axis] for shape in shapes)
    return _expect(view, (*shapes[0][:axis], total, *shapes[0][axis + 1 :]))


_CHECKS: dict[str, Callable[[View], str]] = {
    "ADD": _broadcast,
    "AVERAGE_POOL_2D": _pool,
    "CONCATENATION": _concatenation,
    "CONV_2D": _conv,
    "DEPTHWISE_CONV_2D": _depthwise,
    "FULLY_CONNECTED": _fully_connected,
    "MAXIMUM": _broadcast,
    "MAX_POOL_2D": _pool,
    "MEAN": _mean,
    "MINIMUM": _broadcast,
    "MUL": _broadcast,
    "PAD": _pad,
    "PADV2": _pad,
    "RESHAPE": _elements,
    "SOFTMAX": _softmax,
    "SQUEEZE": _elements,
    "SUB": _broadcast,
}
"""What is not listed keeps its input's shape."""
