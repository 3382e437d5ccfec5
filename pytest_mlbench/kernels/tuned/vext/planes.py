"""CONV_2D for V 1.0 with positions as lanes: vector_planes.c, vector_planes.S."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, KernelCall, Scratch, Struct, TensorRef
from pytest_mlbench.kernels.tuned.geometry import HEADER, MOST_SCRATCH, beside, padded
from pytest_mlbench.kernels.tuned.requantise.fixed_point import accumulators
from pytest_mlbench.kernels.tuned.requantise.vector import vector_rounding

from .blocking import blocked, mask_bytes
from .common import vector_length
from .cost import groups, large_group

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.tuned.requantise.vector import VectorRounding
    from pytest_mlbench.models.operators.layers import Conv2D

    from .layout import Blocking


SOURCES = beside(
    __file__,
    "vector_gather_planes.S",
    "vector_move.S",
    "vector_planes.c",
    "vector_planes.S",
    "portable_vector.c",
)


def lower_planes(layer: Conv2D, isa: str) -> KernelCall | None:
    """The call for `layer`, which may be depthwise; None if other kernels run."""
    blocking = blocked(layer, vector_length(isa))
    if blocking is None:
        return None
    channels = layer.output_shape[3]
    if blocking.geometry.depthwise:
        weights = layer.weights.transpose(3, 2, 1, 0)  # kx, ky
    else:
        weights = layer.weights.transpose(0, 2, 1, 3)  # kx, ky, plane
    weights = np.ascontiguousarray(weights.reshape(channels, -1))
    acc = accumulators(weights, layer.bias, layer.input_offset)
    constants = vector_rounding(acc, layer) if acc else None
    masks = mask_bytes(blocking, vector_length(isa))
    scratch = masks + blocking.plane_bytes
    if acc is None or constants is None or scratch > MOST_SCRATCH:
        return None
    way = "single" if channels == 1 else f"m{blocking.lmul}"
    kernel = "vector_planes_" + ("depthwise" if blocking.geometry.depthwise else way)
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function="mlbench_tuned_vector_conv2d_planes",
        header=HEADER,
        arguments=(
            _struct(layer, blocking, f"mlbench_tuned_{kernel}", weights, constants, masks),
            TensorRef(layer.inputs[0]),
            TensorRef(layer.outputs[0]),
            Scratch(),
        ),
        sources=SOURCES,
        scratch=scratch,
        in_place=((0, 0),) if blocking.may_be_in_place(channels) else (),
    )


def _struct(
    layer: Conv2D,
    blocking: Blocking,
    multiply: str,
    weights: NDArray[np.int8],
    constants: VectorRounding,
    masks: int,
) -> Struct:
    down, across = blocking.layout.vertical, blocking.layout.horizontal
    top = min(down.shifts)
    place = {
        (y % down.stride, x % across.stride): number * blocking.geometry.planes * blocking.pitch
        for number, (y, x) in enumerate(
            blocking.layout.starts if not blocking.layout.expanded else [(0, 0)]
        )
    }
    offsets = [
        place[y % down.stride, x % across.stride]
        + 2 * ((y // down.stride - top) * blocking.layout.row + x // across.stride)
        for x in across.starts
        for y in down.starts
    ]
    large, small = groups(len(weights), blocking.lmul) or (0, 0)
    sizes = [large_group(len(weights), blocking.lmul)] * large + [2] * small
    image = {
        "input_h": blocking.geometry.input_h,
        "input_w": blocking.geometry.input_w,
        "input_zero": -layer.input_offset,
    }
    return Struct(
        "struct mlbench_tuned_vector_planes_conv2d",
        {
            "planes": Struct(
                "struct mlbench_tuned_vector_planes",
                {
                    "stream": Array(
                        "uint32_t",
                        _stream(weights, constants, sizes),
                        name="stream",
                    ),
                    "offsets": Array("int32_t", np.array(offsets, np.int32), name="offsets"),
                    "shifts": Array("int32_t", np.array(across.shifts, np.int32), name="shifts"),
                    "filter_h": len(down.starts),
                    "filter_w": len(across.starts),
                    "planes": blocking.channels,
                    "pitch": blocking.pitch,
                    "row": blocking.layout.row,
                    "output_w": blocking.geometry.output_w,
                    "channels": len(weights),
                    "large": large,
                    "small": small,
                    "input_zero": image["input_zero"],
                    "zero_point": layer.output_offset,
                    "low": layer.activation_min,
                    "high": layer.activation_max,
                    "is_signed": int(constants.is_signed),
                },
            ),
            "gather": Struct(
                "struct mlbench_tuned_vector_gather",
                {
                    "starts": Array(
                        "int32_t", np.array(blocking.layout.starts, np.int32), name="starts"
                    ),
                    "phases": len(blocking.layout.starts),
                    "planes": blocking.geometry.planes,
                    "pitch": blocking.pitch,
                    "row": blocking.layout.row,
                    "stride_h": down.stride,
                    "stride_w": across.stride,
                    **image,
                },
            ),
            "multiply": multiply,
            "reach": down.reach,
            "lanes": blocking.lanes,
            "all_lanes": blocking.all_lanes,
            "mask_bytes": masks,
            "images": blocking.geometry.images,
            "input_bytes": blocking.geometry.input_h
            * blocking.geometry.input_w
            * blocking.geometry.planes,
        },
    )


def _stream(
    weights: NDArray[np.int8], constants: VectorRounding, sizes: list[int]
) -> NDArray[np.uint32]:
    """The constants of vector_planes.S for groups of these sizes; `weights` [channel][k]."""
    ordered = np.where(constants.silent, 0, weights.T).astype(np.int8)
    chunks: list[bytes] = []
    first = 0
    for size in sizes:
        own = slice(first, first + size)
        first += size
        own_weights = np.ascontiguousarray(ordered[:, own]).tobytes()
        values = constants.bias[own], constants.multiplier[own], constants.e[own]
        chunks += [
            np.concatenate(values).astype("<i4").tobytes(),
            own_weights.ljust(padded(len(own_weights)), b"\0"),
        ]
    return np.frombuffer(b"".join(chunks), "<u4")
