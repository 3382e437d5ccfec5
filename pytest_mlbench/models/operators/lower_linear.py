"""Lowering of the windowed and weighted operators: convolutions, dense layers, pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import layers
from .view import common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Tensor

    from .view import View


def _bias(view: View) -> NDArray[np.int32] | None:
    bias = view.optional(2)
    if bias is None or bias.data is None:
        return None
    return bias.data.reshape(-1).astype(np.int32, copy=False)


def _int8(tensor: Tensor) -> NDArray[np.int8]:
    assert tensor.data is not None
    return tensor.data.astype(np.int8, copy=False)


def _channel_factors(view: View, channels: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """One factor per channel, also when the weights have one scale for all."""
    scales = view.tensor(1).quantisation.scales
    source = view.tensor(0).quantisation.scale
    output = view.output.quantisation.scale
    reals = [q.product_scale(source, scale, output) for scale in scales]
    multipliers, shifts = q.quantize_multipliers(reals)
    if len(reals) == 1:
        return np.repeat(multipliers, channels), np.repeat(shifts, channels)
    return multipliers, shifts


def _shape(tensor: Tensor) -> tuple[int, int, int, int]:
    batch, height, width, channels = tensor.shape
    return batch, height, width, channels


def _window(view: View, window: tuple[int, int], dilation: tuple[int, int]) -> dict[str, Any]:
    """Shapes, stride, padding and activation bounds of a windowed operator."""
    source, output = _shape(view.tensor(0)), _shape(view.output)
    stride = (view.option("stride_h"), view.option("stride_w"))
    low, high = q.activation_range(view.option("fused_activation_function", "NONE"), view.output)
    padding = [
        q.padding_before(source[1 + i], output[1 + i], window[i], stride[i], dilation[i])
        for i in (0, 1)
    ]
    return {
        "input_shape": source,
        "output_shape": output,
        "stride": stride,
        "padding": tuple(padding),
        "activation_min": low,
        "activation_max": high,
    }


def _convolution(view: View, window: tuple[int, int]) -> dict[str, Any]:
    dilation = (view.option("dilation_h_factor", 1), view.option("dilation_w_factor", 1))
    multipliers, shifts = _channel_factors(view, view.output.shape[3])
    return {
        **_window(view, window, dilation),
        "weights": _int8(view.tensor(1)),
        "bias": _bias(view),
        "dilation": dilation,
        "input_offset": -view.tensor(0).quantisation.zero_point,
        "output_offset": view.output.quantisation.zero_point,
        "multipliers": multipliers,
        "shifts": shifts,
    }


def conv2d(view: View) -> layers.Conv2D:
    """CONV_2D."""
    _, height, width, depth = view.tensor(1).shape
    macs = view.output.elements * height * width * depth
    return layers.Conv2D(**common(view, macs=macs), **_convolution(view, (height, width)))


def depthwise_conv2d(view: View) -> layers.DepthwiseConv2D:
    """DEPTHWISE_CONV_2D."""
    _, height, width, outputs = view.tensor(1).shape
    return layers.DepthwiseConv2D(
        **common(view, macs=view.output.elements * height * width),
        **_convolution(view, (height, width)),
        depth_multiplier=outputs // view.tensor(0).shape[3],
    )


def fully_connected(view: View) -> layers.FullyConnected:
    """FULLY_CONNECTED. Weights with one scale have one factor, others one per output."""
    source, weights, output = view.tensor(0), view.tensor(1), view.output
    outputs, features = weights.shape
    scales = weights.quantisation.scales
    multipliers, shifts = q.quantize_multipliers(
        q.product_scale(source.quantisation.scale, scale, output.quantisation.scale)
        for scale in scales
    )
    low, high = q.activation_range(view.option("fused_activation_function", "NONE"), output)
    constant = weights.data is not None
    return layers.FullyConnected(
        **common(view, *((0,) if constant else (0, 1)), macs=output.elements * features),
        batches=source.elements // features,
        in_features=features,
        out_features=outputs,
        weights=_int8(weights) if constant else None,
        bias=_bias(view),
        input_offset=-source.quantisation.zero_point,
        weights_offset=-weights.quantisation.zero_point,
        output_offset=output.quantisation.zero_point,
        multipliers=multipliers,
        shifts=shifts,
        activation_min=low,
        activation_max=high,
    )


def pool2d(view: View) -> layers.Pool2D:
    """AVERAGE_POOL_2D and MAX_POOL_2D."""
    window = (view.option("filter_height"), view.option("filter_width"))
    return layers.Pool2D(**common(view), **_window(view, window, (1, 1)), filter=window)
