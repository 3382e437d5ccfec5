"""One operator with everything resolved that is known at build time: the request to a library.

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
    """`index`: the operator's place in the model. `inputs`, `outputs`: indices of the tensors that
    data flows through, in the operator's order; what configures it (weights, bias, axes) is an
    attribute. An input may be a constant (an ADD of one): `TensorRef` reaches it all the same.
    `macs`: multiply-accumulates by the shapes, padding taps included."""

    index: int
    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    macs: int


@dataclass(frozen=True, eq=False)
class Windowed(Layer):
    """A window that is moved over an image. `padding`: rows above and columns left; what lies below
    and right follows from the shapes."""

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
    """CONV_2D and DEPTHWISE_CONV_2D, `depth_multiplier` above 0, whose weights are an activation:
    the second entry of `inputs`, of the shape `weights_shape`. The rest as of Conv2D."""

    weights_shape: tuple[int, int, int, int]
    bias: NDArray[np.int32] | None
    dilation: tuple[int, int]
    depth_multiplier: int
    input_offset: int
    output_offset: int
    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Dense(Layer):
    """A product with a matrix: weights int8 [out_n, in_n]; multipliers and shifts int32, [1] or
    [out_n].

    `weights_offset` is minus the weights' zero point (0 for symmetric weights). Weights that are
    an activation (the second entry of `inputs`) have `weights` None.
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
    """One side of an elementwise operator. `data`: its values when it is a constant.

    multiplier and shift rescale it (ADD, SUB: after `left_shift`); unused by MUL, MAXIMUM and
    MINIMUM (multiplier 0)."""

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
    """RELU, RELU6 and QUANTIZE between 8-bit integers: from one scale to another
    with a clamp. `input_dtype` and `output_dtype` are 'int8' or 'uint8' (derived classes have
    wider ones); bounds are stored values of the output."""

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
    """PAD and PADV2 of bytes: `before[i]` elements of `value` (stored) in front along dimension i;
    what comes behind follows from the shapes."""

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    before: tuple[int, ...]
    value: int


@dataclass(frozen=True, eq=False)
class Mean(Layer):
    """MEAN over `axes` (sorted, not negative). The sum over the axes, input_offset added to every
    element, is scaled by multiplier and shift, which hold the division by the count as well."""

    input_shape: tuple[int, ...]
    axes: tuple[int, ...]
    input_offset: int
    output_offset: int
    multiplier: int
    shift: int


@dataclass(frozen=True, eq=False)
class Concatenation(Layer):
    """CONCATENATION along `axis`, and PACK: stored values are copied. `item`: bytes of one."""

    input_shapes: tuple[tuple[int, ...], ...]
    output_shape: tuple[int, ...]
    axis: int
    item: int = 1
