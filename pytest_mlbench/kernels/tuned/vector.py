"""Convolutions for V 1.0 (`vext`): vector_conv2d.c, vector_gemm.S, vector_depthwise_3x3.S."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Null, Scratch, Struct, TensorRef

from .conv2d import HEADER, taps
from .requantise import accumulators, exactly, fits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.layers import Conv2D, DepthwiseConv2D, FullyConnected

    from .requantise import Accumulators

    Int64 = NDArray[np.int64]

PATCHES = 12
GATHER = 60
"""Instructions per position that gathering a patch takes more than reading it in place."""

FEW_POSITIONS = 3
"""LMUL 8 computes no more positions at once; fewer channels leave lanes idle, which is free."""

LEAST_VLEN, MOST_VLEN = 128, 1024


def vector_length(isa: str) -> int:
    """VLEN in bits that `isa` promises: its zvl<N>b, or V's own 128."""
    return max([LEAST_VLEN, *(int(bits) for bits in re.findall(r"_zvl(\d+)b", isa))])


@dataclass(frozen=True, eq=False)
class Rounding:
    """Per channel, int64: output = ((acc * multiplier + 2**30) >> 31) rounded by e."""

    multiplier: Int64
    e: Int64
    is_signed: bool


def rounding(acc: Accumulators, layer: Any) -> Rounding | None:
    """The constants of vsmul and vssra, or None for factors of 1 and above, and for a factor of
    1/2 and above where halves below zero count."""
    channels = len(acc.bias)
    multiplier = np.broadcast_to(layer.multipliers.astype(np.int64).reshape(-1), channels).copy()
    factor = np.broadcast_to(layer.shifts.astype(np.int64).reshape(-1), channels)
    if not fits(acc.smallest) or not fits(acc.largest):
        return None
    # A channel whose outputs are all one rounded value 0: any shift will do.
    for i in range(channels):
        ends = {
            exactly(int(bound[i]), int(multiplier[i]), int(factor[i]))
            for bound in (acc.smallest, acc.largest)
        }
        if ends == {0}:
            multiplier[i] = 0
    is_signed = bool(layer.activation_min < layer.output_offset)
    e = np.where(multiplier == 0, 1, -factor)
    if (e < int(is_signed)).any() or (e > 31).any():
        return None
    return Rounding(multiplier, e, is_signed)


def lower_vector_conv2d(layer: Conv2D, isa: str) -> KernelCall | None:
    """The call for `layer`, or None: the integer kernel runs."""
    batches, input_h, input_w, c = layer.input_shape
    channels, filter_h, filter_w, filter_c = layer.weights.shape
    _, output_h, output_w, _ = layer.output_shape
    if filter_c != c:
        return None
    (stride_h, stride_w), (dilation_h, dilation_w) = layer.stride, layer.dilation
    reach_h = (output_h - 1) * stride_h + (filter_h - 1) * dilation_h + 1
    reach_w = (output_w - 1) * stride_w + (filter_w - 1) * dilation_w + 1
    image, image_bytes, row = _image(layer, reach_h, reach_w)
    run = filter_w * c
    one_run = dilation_w == 1 or filter_w == 1
    k = filter_h * run
    lanes = vector_length(isa) // 32 * 8
    more = (filter_h * _eights(run) - _eights(k)) * 2 * -(-channels // lanes)
    in_place = one_run and (run % 8 == 0 or (image_bytes > 0 and more < GATHER))
    shape = {
        "runs": filter_h if in_place else 1,
        "run": _eights(run if in_place else k),
        "skip": dilation_h * row - _eights(run) if in_place else 0,
        "pitch": stride_w * c if in_place else _eights(k),
        "width": output_w if in_place else PATCHES,
        "jump": stride_h * row - output_w * stride_w * c if in_place else 0,
    }
    geometry = {
        "images": batches,
        "positions": output_h * output_w,
        "input_bytes": input_h * input_w * c,
        "output_bytes": output_h * output_w * channels,
        "output_w": output_w,
        "step": stride_w * c,
        "row_step": stride_h * row,
        "filter_h": filter_h,
        "runs_w": 1 if one_run else filter_w,
        "tap_bytes": run if one_run else c,
        "dilated_bytes": dilation_w * c,
        "dilated_row": dilation_h * row,
    }
    # What is read beyond an image's last row is multiplied by zero.
    scratch = image_bytes + (8 if image_bytes else 0)
    scratch += 0 if in_place else PATCHES * shape["run"]
    weights = taps(layer)
    if in_place:
        filled = np.zeros((channels, filter_h, shape["run"]), np.int8)
        filled[:, :, :run] = weights.reshape(channels, filter_h, run)
        weights = filled.reshape(channels, -1)
    return _call(
        layer, weights, isa, "" if in_place else "_patches", image, shape, geometry, scratch
    )


def _eights(count: int) -> int:
    return -(-count // 8) * 8


def lower_vector_rows(layer: FullyConnected, isa: str) -> KernelCall | None:
    """FULLY_CONNECTED as positions of one row; None unless a row is a multiple of 8 bytes."""
    if layer.weights is None or layer.weights_offset != 0 or layer.in_features % 8:
        return None
    shape = {
        "runs": 1,
        "run": layer.in_features,
        "skip": 0,
        "pitch": layer.in_features,
        "width": layer.batches,
        "jump": 0,
    }
    geometry = dict.fromkeys(
        ("output_w", "step", "row_step", "filter_h", "runs_w", "tap_bytes", "dilated_bytes"), 0
    )
    geometry |= {
        "dilated_row": 0,
        "images": 1,
        "positions": layer.batches,
        "input_bytes": 0,
        "output_bytes": 0,
    }
    image = Struct("struct mlbench_tuned_vector_image", {"padded_h": 0})
    return _call(layer, layer.weights, isa, "", image, shape, geometry, 0)


def _call(
    layer: Conv2D | FullyConnected,
    weights: NDArray[np.int8],
    isa: str,
    way: str,
    image: Struct,
    shape: dict[str, int],
    geometry: dict[str, int],
    scratch: int,
) -> KernelCall | None:
    vlen = vector_length(isa)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    constants = rounding(acc, layer) if acc else None
    if acc is None or constants is None or vlen > MOST_VLEN:
        return None
    channels = len(weights)
    lmul = next((m for m in (2, 4) if vlen // 32 * m >= channels), 8)
    if geometry["positions"] <= FEW_POSITIONS:
        lmul = 8
    lanes = vlen // 32 * lmul
    stream = _stream(weights, acc, constants, lanes, shape["runs"] * shape["run"])
    return KernelCall(
        kernel=f"vector_conv2d{way}_m{lmul}",
        library="tuned",
        function=f"mlbench_tuned_vector_conv2d{way}",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_vector_conv2d",
                {
                    "image": image,
                    "constants": Struct(
                        "struct mlbench_tuned_vector_gemm",
                        {
                            "stream": Array("uint32_t", stream, align=16, name="stream"),
                            **shape,
                            "channels": channels,
                            "zero_point": layer.output_offset,
                            "low": layer.activation_min,
                            "high": layer.activation_max,
                            "is_signed": int(constants.is_signed),
                        },
                    ),
                    "gemm": f"mlbench_tuned_vector_gemm_m{lmul}",
                    **geometry,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch() if scratch else Null(),
        ),
        scratch=scratch,
    )


def _stream(
    weights: NDArray[np.int8], acc: Accumulators, constants: Rounding, lanes: int, k: int
) -> NDArray[np.uint32]:
    chunks = []
    for first in range(0, len(weights), lanes):
        own = slice(first, first + lanes)
        for values in (acc.bias[own], constants.multiplier[own], constants.e[own]):
            full = np.zeros(lanes, "<i4")
            full[: len(values)] = values
            chunks.append(full.tobytes())
        columns = np.zeros((k, lanes), "<i2")
        columns[: weights.shape[1], : len(weights[own])] = weights[own].T
        chunks.append(columns.tobytes())
    return np.frombuffer(b"".join(chunks), "<u4")


def _image(layer: Conv2D, reach_h: int, reach_w: int) -> tuple[Struct, int, int]:
    """struct mlbench_tuned_vector_image, the bytes it takes, and the bytes of a row."""
    _, input_h, input_w, c = layer.input_shape
    top, left = layer.padding
    if top == left == 0 and reach_h <= input_h and reach_w <= input_w:
        return Struct("struct mlbench_tuned_vector_image", {"padded_h": 0}), 0, input_w * c
    padded_h, row = reach_h, reach_w * c
    rows = min(input_h, padded_h - top)
    columns = min(input_w, reach_w - left)
    image = Struct(
        "struct mlbench_tuned_vector_image",
        {
            "padded_h": padded_h,
            "padded_row": row,
            "first": top * row + left * c,
            "rows": rows,
            "row": input_w * c,
            "row_bytes": columns * c,
            "zero_point": -layer.input_offset,
        },
    )
    return image, padded_h * row, row


def lower_vector_depthwise(layer: DepthwiseConv2D) -> KernelCall | None:
    """The call for a 3x3 layer of one image, or None: the integer kernel runs."""
    batches, _, _, channels = layer.input_shape
    _, output_h, output_w, _ = layer.output_shape
    weights = layer.weights.reshape(-1, channels) if layer.depth_multiplier == 1 else None
    if (
        weights is None
        or layer.weights.shape[1:3] != (3, 3)
        or layer.dilation != (1, 1)
        or batches != 1
        or (weights == -128).any()
    ):
        return None
    acc = accumulators(np.ascontiguousarray(weights.T), layer.bias, layer.input_offset)
    constants = rounding(acc, layer) if acc else None
    if acc is None or constants is None:
        return None
    stride_h, stride_w = layer.stride
    image, image_bytes, row = _image(
        layer, (output_h - 1) * stride_h + 3, (output_w - 1) * stride_w + 3
    )
    values = np.concatenate([acc.bias, constants.multiplier, constants.e]).astype(np.int32)
    return KernelCall(
        kernel="vector_depthwise_3x3",
        library="tuned",
        function="mlbench_tuned_vector_depthwise",
        header=HEADER,
        arguments=(
            Struct(
                "struct mlbench_tuned_vector_depthwise",
                {
                    "weights": Array("int8_t", weights, name="weights"),
                    "constants": Array("int32_t", values, name="constants"),
                    "channels": channels,
                    "row": row,
                    "output_h": output_h,
                    "output_w": output_w,
                    "step": stride_w * channels,
                    "row_step": stride_h * row,
                    "zero_point": layer.output_offset,
                    "low": layer.activation_min,
                    "high": layer.activation_max,
                    "is_signed": int(constants.is_signed),
                    "image": image,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch() if image_bytes else Null(),
        ),
        scratch=image_bytes,
    )
