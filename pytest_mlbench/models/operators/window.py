"""Helpers for operators with a sliding window: convolutions and pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import arithmetic as q
from .shapes import expect

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Tensor

    from .view import OperatorView


def window_problem(
    view: OperatorView, window: tuple[int, int], dilation: tuple[int, int], channels: int
) -> str:
    """What is wrong with stride, padding and the output's shape; empty if nothing is."""
    batch, height, width, _ = view.tensor(0).shape
    stride = (view.option("stride_h"), view.option("stride_w"))
    padding = view.option("padding")
    if padding not in ("SAME", "VALID"):
        return f"padding {padding}, expected SAME or VALID"
    if min(*stride, *dilation, *window) < 1:
        return "a stride, dilation or filter size below 1"
    rows = q.output_size(height, window[0], stride[0], dilation[0], padding)
    columns = q.output_size(width, window[1], stride[1], dilation[1], padding)
    if min(rows, columns) < 1:
        return f"its {window[0]}x{window[1]} filter is larger than its {height}x{width} input"
    return expect(view, (batch, rows, columns, channels))


def dilation(view: OperatorView) -> tuple[int, int]:
    """The distance between taps in rows and columns."""
    return view.option("dilation_h_factor", 1), view.option("dilation_w_factor", 1)


def lower_window(
    view: OperatorView, window: tuple[int, int], dilation: tuple[int, int]
) -> dict[str, Any]:
    """Shapes, stride, padding and integer activation bounds of a windowed operator."""
    low, high = q.activation_range(view.option("fused_activation_function", "NONE"), view.output)
    return {
        **lower_geometry(view, window, dilation),
        "activation_min": low,
        "activation_max": high,
    }


def lower_geometry(
    view: OperatorView, window: tuple[int, int], dilation: tuple[int, int]
) -> dict[str, Any]:
    """Shapes, stride and padding of a windowed operator."""
    source, output = image_shape(view.tensor(0)), image_shape(view.output)
    stride = (view.option("stride_h"), view.option("stride_w"))
    padding = [
        q.padding_before(source[1 + i], output[1 + i], window[i], stride[i], dilation[i])
        for i in (0, 1)
    ]
    return {
        "input_shape": source,
        "output_shape": output,
        "stride": stride,
        "padding": tuple(padding),
    }


def image_shape(tensor: Tensor) -> tuple[int, int, int, int]:
    """The shape as NHWC."""
    batch, height, width, channels = tensor.shape
    return batch, height, width, channels
