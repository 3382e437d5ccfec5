"""Layers: operators with everything resolved that is known at build time, as libraries get them.

Multipliers and shifts are TensorFlow Lite's: real multiplier = multiplier * 2**(shift - 31), with
multiplier in [2**30, 2**31) or 0 (`QuantizeMultiplier`, tensorflow/lite/kernels/internal/
quantization_util.cc). A requantised accumulator is rounded twice, as
`MultiplyByQuantizedMultiplier` does without TFLITE_SINGLE_ROUNDING. Offsets are the terms that
are *added*: input_offset = -zero_point of the input, output_offset = zero_point of the output.
Shapes are NHWC; activation bounds are stored int8 values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Layer:
    """One operator of the model.

    index    the operator's position in the model
    inputs   indices of its data tensors, in the operator's order; one may be a constant (in ADD),
             which `TensorRef` addresses too. Weights, bias and axes are attributes instead
    outputs  indices of its output tensors
    macs     multiply-accumulates computed from the shapes; taps on padding count too
    """

    index: int
    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    macs: int


@dataclass(frozen=True, eq=False)
class Windowed(Layer):
    """An operator that slides a window over an image.

    `padding` counts rows above and columns to the left; the rest follows from the shapes.
    """

    input_shape: tuple[int, int, int, int]
    output_shape: tuple[int, int, int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    activation_min: int
    activation_max: int


@dataclass(frozen=True, eq=False)
class Conv2D(Windowed):
    """CONV_2D: weights int8 [out_c, k_h, k_w, in_c], bias int32 [out_c] or None; in_c of the
    input may be a multiple of the weights' (grouped). multipliers, shifts: int32 [out_c]."""

    weights: NDArray[np.int8]
    bias: NDArray[np.int32] | None
    dilation: tuple[int, int]
    input_offset: int
    output_offset: int
    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class DepthwiseConv2D(Conv2D):
    """DEPTHWISE_CONV_2D: weights int8 [1, k_h, k_w, out_c]; out_c = in_c * depth_multiplier."""

    depth_multiplier: int


@dataclass(frozen=True, eq=False)
class ComputedConvolution(Windowed):
    """CONV_2D, or DEPTHWISE_CONV_2D (`depth_multiplier` above 0), with computed weights or bias.

    If `weights` is None, the second entry of `inputs` holds them, with shape `weights_shape`. With
    `computed_bias`, the last entry of `inputs` is the bias. The rest is as in Conv2D.
    """

    weights: NDArray[np.int8] | None
    weights_shape: tuple[int, int, int, int]
    bias: NDArray[np.int32] | None
    computed_bias: bool
    dilation: tuple[int, int]
    depth_multiplier: int
    input_offset: int
    output_offset: int
    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Dense(Layer):
    """A product with a matrix: weights int8 [out_n, in_n]; multipliers and shifts int32 [1] or
    [out_n].

    `weights_offset` is the negated zero point of the weights (0 for symmetric weights). Computed
    weights are the second entry of `inputs`; then `weights` is None.
    """

    batches: int
    in_features: int
    out_features: int
    weights: NDArray[np.int8] | None
    input_offset: int
    weights_offset: int
    output_offset: int
    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int32]
    activation_min: int
    activation_max: int


@dataclass(frozen=True, eq=False)
class FullyConnected(Dense):
    """FULLY_CONNECTED: bias int32 [out_n] or None."""

    bias: NDArray[np.int32] | None


@dataclass(frozen=True, eq=False)
class BiasComputed(Dense):
    """FULLY_CONNECTED whose bias, int32 [out_n], is the last entry of `inputs`."""


@dataclass(frozen=True, eq=False)
class Pool2D(Windowed):
    """AVERAGE_POOL_2D and MAX_POOL_2D (see `kind`)."""

    filter: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Broadcast(Layer):
    """Two operands, broadcast by numpy's rules."""

    left_shape: tuple[int, ...]
    right_shape: tuple[int, ...]
    output_shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Operand:
    """One side of an elementwise operator. `data`: its values if it is constant, else None.

    multiplier and shift rescale it (ADD, SUB: after `left_shift`); MUL, MAXIMUM and MINIMUM do not
    use them (multiplier 0)."""

    shape: tuple[int, ...]
    offset: int
    multiplier: int = 0
    shift: int = 0
    data: NDArray[np.int8] | None = None


@dataclass(frozen=True, eq=False)
class Elementwise(Layer):
    """ADD, SUB, MUL, MAXIMUM, MINIMUM (see `kind`), broadcast by numpy's rules."""

    left: Operand
    right: Operand
    output_shape: tuple[int, ...]
    left_shift: int
    output_offset: int
    output_multiplier: int
    output_shift: int
    activation_min: int
    activation_max: int


@dataclass(frozen=True, eq=False)
class ElementwiseChain(Layer):
    """ADD, SUB and MUL with constants, one after another, without tensors in between.

    `steps` run in this order; one operand of each is constant, with one value or one per channel.
    All outputs have the input's shape. `kind` is the first step's. Only a pass makes this layer.
    """

    steps: tuple[Elementwise, ...]
    output_shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Softmax(Layer):
    """SOFTMAX int8 -> int8 over the last dimension; output scale 1/256, zero point -128.

    multiplier, shift, diff_min as `PreprocessSoftmaxScaling` and `CalculateInputRadius` give."""

    rows: int
    depth: int
    multiplier: int
    shift: int
    diff_min: int


@dataclass(frozen=True, eq=False)
class Lookup(Layer):
    """LOGISTIC and TANH: a function of one int8. table int8 [256], indexed by the input's bits
    (as uint8); it holds TensorFlow Lite's fixed-point result for each of the 256 inputs."""

    count: int
    table: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Rescale(Layer):
    """RELU, RELU6 and QUANTIZE between 8-bit integers: changes the scale and clamps.

    `input_dtype` and `output_dtype` are 'int8' or 'uint8' (derived classes have wider types);
    bounds are stored values of the output.
    """

    count: int
    input_dtype: str
    output_dtype: str
    input_offset: int
    output_offset: int
    multiplier: int
    shift: int
    activation_min: int
    activation_max: int


@dataclass(frozen=True, eq=False)
class Affine(Layer):
    """QUANTIZE from and DEQUANTIZE to float32 (see `kind`): real = scale * (stored - zero_point).
    `dtype` is the integer side's: 'int8' or 'uint8'."""

    count: int
    dtype: str
    scale: float
    zero_point: int


@dataclass(frozen=True, eq=False)
class Pad(Layer):
    """PAD and PADV2 of bytes: `before[i]` elements with the stored `value` in front along
    dimension i; the padding at the end follows from the shapes."""

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    before: tuple[int, ...]
    value: int


@dataclass(frozen=True, eq=False)
class Mean(Layer):
    """MEAN over `axes` (sorted, not negative).

    input_offset is added to every element; the sum over the axes is scaled by multiplier and shift,
    which include the division by the count.
    """

    input_shape: tuple[int, ...]
    axes: tuple[int, ...]
    input_offset: int
    output_offset: int
    multiplier: int
    shift: int


@dataclass(frozen=True, eq=False)
class Concatenation(Layer):
    """CONCATENATION along `axis`, and PACK: copies stored values. `item`: bytes per element."""

    input_shapes: tuple[tuple[int, ...], ...]
    output_shape: tuple[int, ...]
    axis: int
    item: int = 1
