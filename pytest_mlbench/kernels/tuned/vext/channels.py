"""CONV_2D and FULLY_CONNECTED for V 1.0 (`vext`): vector_conv2d.c, vector_gemm.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import (
    Array,
    KernelCall,
    Null,
    Overlap,
    Scratch,
    Struct,
    TensorRef,
)
from pytest_mlbench.kernels.overlap import distance, walk
from pytest_mlbench.kernels.tuned.geometry import HEADER, MOST_SCRATCH, beside, padded, taps
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators
from pytest_mlbench.kernels.tuned.requantise.vector import vector_rounding

from .common import padded_image, vector_length
from .cost import channel_lanes, channel_lmul, channel_tile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.overlap import Walk
    from pytest_mlbench.kernels.tuned.requantise.vector import VectorRounding
    from pytest_mlbench.models.operators.layers import Conv2D, FullyConnected

PATCHES = 12
GATHER_LIMIT = 60
"""Additional instructions per position for gathering a patch instead of reading it in place."""

MOST_VLEN = 1024


def channels_cost(layer: Conv2D, vlen: int) -> float | None:
    """The estimated instructions of `lower_channels`; None for a grouped convolution."""
    batches, _, _, c = layer.input_shape
    channels, filter_h, filter_w, filter_c = layer.weights.shape
    _, output_h, output_w, _ = layer.output_shape
    if filter_c != c:
        return None
    _, image_bytes, _ = _padded_image(layer)
    patches = _gathers(layer, vlen, has_padding=image_bytes > 0)
    run = filter_w * c
    k = padded(filter_h * run, 8) if patches else filter_h * padded(run, 8)
    return batches * channel_lanes(output_h * output_w, channels, k, vlen, patches=patches)


def _padded_image(layer: Conv2D) -> tuple[Struct, int, int]:
    _, output_h, output_w, _ = layer.output_shape
    reach_h, reach_w = (
        (outputs - 1) * stride + (size - 1) * dilation + 1
        for outputs, stride, size, dilation in zip(
            (output_h, output_w),
            layer.stride,
            layer.weights.shape[1:3],
            layer.dilation,
            strict=True,
        )
    )
    return padded_image(layer, reach_h, reach_w)


def _gathers(layer: Conv2D, vlen: int, *, has_padding: bool) -> bool:
    """Are patches gathered?

    They are if a filter's rows cannot be read in place, or if rounding them up to multiples of
    eight would add too many elements.
    """
    channels, filter_h, filter_w, c = layer.weights.shape
    run = filter_w * c
    passes = -(-channels // (vlen // 32 * 8))
    more = (filter_h * padded(run, 8) - padded(filter_h * run, 8)) * 2 * passes
    one_run = layer.dilation[1] == 1 or filter_w == 1
    return not one_run or (run % 8 != 0 and not (has_padding and more < GATHER_LIMIT))


SOURCES = beside(__file__, "vector_conv2d.c", "vector_gemm.S", "vector_move.S", "portable_vector.c")


def lower_channels(layer: Conv2D, isa: str) -> KernelCall | None:
    """The call for `layer`, or None if the integer kernel runs."""
    batches, input_h, input_w, c = layer.input_shape
    channels, filter_h, filter_w, filter_c = layer.weights.shape
    _, output_h, output_w, _ = layer.output_shape
    if filter_c != c:
        return None
    (stride_h, stride_w), (dilation_h, dilation_w) = layer.stride, layer.dilation
    image, image_bytes, row = _padded_image(layer)
    run = filter_w * c
    one_run = dilation_w == 1 or filter_w == 1
    k = filter_h * run
    in_place = not _gathers(layer, vector_length(isa), has_padding=image_bytes > 0)
    shape = {
        "runs": filter_h if in_place else 1,
        "run": padded(run if in_place else k, 8),
        "skip": dilation_h * row - padded(run, 8) if in_place else 0,
        "pitch": stride_w * c if in_place else padded(k, 8),
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
    # Bytes read beyond an image's last row are multiplied by zero.
    scratch = image_bytes + (8 if image_bytes else 0)
    scratch += 0 if in_place else PATCHES * shape["run"]
    weights = taps(layer)
    if in_place:
        filled = np.zeros((channels, filter_h, shape["run"]), np.int8)
        filled[:, :, :run] = weights.reshape(channels, filter_h, run)
        weights = filled.reshape(channels, -1)
    # Groups of positions end with their image, which `distance` knows of the last one only.
    order = walk(layer) if not image_bytes and batches == 1 else None
    variant = "" if in_place else "_patches"
    return _call(layer, weights, isa, variant, image, shape, geometry, scratch, order)


def lower_rows(layer: FullyConnected, isa: str) -> KernelCall | None:
    """FULLY_CONNECTED with rows as positions; None unless a row is a multiple of 8 bytes."""
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
    variant: str,
    image: Struct,
    shape: dict[str, int],
    geometry: dict[str, int],
    scratch: int,
    order: Walk | None = None,
) -> KernelCall | None:
    vlen = vector_length(isa)
    acc = accumulators(weights, layer.bias, layer.input_offset)
    constants = vector_rounding(acc, layer) if acc else None
    if acc is None or constants is None or vlen > MOST_VLEN or scratch > MOST_SCRATCH:
        return None
    channels = len(weights)
    lmul = channel_lmul(geometry["positions"], channels, vlen)
    tile = channel_tile(geometry["positions"], lmul)
    gemm = f"mlbench_tuned_vector_gemm_m{lmul}" + ("" if tile == 24 // lmul else f"_{tile}")
    lanes = vlen // 32 * lmul
    overlaps: tuple[Overlap, ...] = ()
    if order and variant:
        overlaps = (Overlap(distance(order, together=PATCHES)),)
    elif order and channels <= lanes:
        # All channels in one pass: a tile's windows are read before its outputs are written.
        overlaps = (Overlap(distance(order, together=tile)),)
    weights = np.where(constants.silent[:, None], 0, weights).astype(np.int8)
    stream = _stream(weights, constants, lanes, shape["runs"] * shape["run"])
    return KernelCall(
        kernel=f"vector_conv2d{variant}_m{lmul}",
        library="tuned",
        function=f"mlbench_tuned_vector_conv2d{variant}",
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
                    "gemm": gemm,
                    **geometry,
                },
            ),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch() if scratch else Null(),
        ),
        sources=SOURCES,
        scratch=scratch,
        # The only image is copied completely before any output is written.
        in_place=((0, 0),) if image.fields["padded_h"] and geometry["images"] == 1 else (),
        overlaps=overlaps,
    )


def _stream(
    weights: NDArray[np.int8], constants: VectorRounding, lanes: int, k: int
) -> NDArray[np.uint32]:
    chunks = []
    for first in range(0, len(weights), lanes):
        own = slice(first, first + lanes)
        for values in (constants.bias[own], constants.multiplier[own], constants.e[own]):
            full = np.zeros(lanes, "<i4")
            full[: len(values)] = values
            chunks.append(full.tobytes())
        columns = np.zeros((k, lanes), "<i2")
        columns[: weights.shape[1], : len(weights[own])] = weights[own].T
        chunks.append(columns.tobytes())
    return np.frombuffer(b"".join(chunks), "<u4")
