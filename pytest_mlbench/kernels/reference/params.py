"""Layers as the C structs of `mlbench_kernels.h`. For any library that takes the same structs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, Null, Pointers, Struct

from .walk import MAX_DIMS, broadcast_steps, kept_and_reduced, pad_steps, padded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from pytest_mlbench.models.operators import layers

__all__ = ["Pointers"]


def _values(numbers: Iterable[int]) -> str:
    return "{" + ", ".join(str(number) for number in numbers) + "}"


def weights(values: NDArray[np.int8]) -> Array:
    """Weights as they stand in the model."""
    return Array("int8_t", values, name="weights")


def _words(values: NDArray[np.int32] | None, name: str) -> Array | Null:
    return Null() if values is None else Array("int32_t", values, name=name)


def _bounds(layer: layers.Conv2D | layers.FullyConnected | layers.Pool2D) -> dict[str, int]:
    return {"activation_min": layer.activation_min, "activation_max": layer.activation_max}


def conv2d(layer: layers.Conv2D) -> Struct:
    """`struct mlbench_conv2d`."""
    return _convolution(layer, "conv2d", layer.weights.shape[1:3], layer.weights.shape[3])


def depthwise_conv2d(layer: layers.DepthwiseConv2D) -> Struct:
    """`struct mlbench_depthwise_conv2d`."""
    return _convolution(layer, "depthwise_conv2d", layer.weights.shape[1:3], layer.depth_multiplier)


def _convolution(layer: layers.Conv2D, kind: str, window: tuple[int, ...], depth: int) -> Struct:
    return Struct(
        f"struct mlbench_{kind}",
        {
            "weights": weights(layer.weights),
            "bias": _words(layer.bias, "bias"),
            "multipliers": _words(layer.multipliers, "multipliers"),
            "shifts": _words(layer.shifts, "shifts"),
            "input": _values(layer.input_shape),
            "output": _values(layer.output_shape),
            "filter": _values(window),
            "filter_c" if kind == "conv2d" else "depth_multiplier": depth,
            "stride": _values(layer.stride),
            "dilation": _values(layer.dilation),
            "padding": _values(layer.padding),
            "input_offset": layer.input_offset,
            "output_offset": layer.output_offset,
            **_bounds(layer),
        },
    )


def fully_connected(layer: layers.FullyConnected) -> Struct:
    """`struct mlbench_fully_connected`; the weights are an argument of their own."""
    return Struct(
        "struct mlbench_fully_connected",
        {
            "bias": _words(layer.bias, "bias"),
            "multipliers": _words(layer.multipliers, "multipliers"),
            "shifts": _words(layer.shifts, "shifts"),
            "per_channel": int(layer.multipliers.size > 1),
            "batches": layer.batches,
            "input_features": layer.in_features,
            "output_features": layer.out_features,
            "input_offset": layer.input_offset,
            "weights_offset": layer.weights_offset,
            "output_offset": layer.output_offset,
            **_bounds(layer),
        },
    )


def pool2d(layer: layers.Pool2D) -> Struct:
    """`struct mlbench_pool2d`."""
    return Struct(
        "struct mlbench_pool2d",
        {
            "input": _values(layer.input_shape),
            "output": _values(layer.output_shape),
            "filter": _values(layer.filter),
            "stride": _values(layer.stride),
            "padding": _values(layer.padding),
            **_bounds(layer),
        },
    )


def elementwise(layer: layers.Elementwise) -> Struct:
    """`struct mlbench_elementwise`, with a walk where an operand is broadcast."""
    broadcast: Struct | Null = Null()
    if not layer.left.shape == layer.right.shape == layer.output_shape:
        sizes, left, right = broadcast_steps(
            layer.output_shape, layer.left.shape, layer.right.shape
        )
        broadcast = Struct(
            "struct mlbench_broadcast",
            {
                "size": _values(sizes),
                "left_step": _values(left),
                "right_step": _values(right),
            },
            name="broadcast",
        )
    return Struct(
        "struct mlbench_elementwise",
        {
            "broadcast": broadcast,
            "count": math.prod(layer.output_shape),
            "left_shift": layer.left_shift,
            "left_offset": layer.left.offset,
            "left_multiplier": layer.left.multiplier,
            "left_requantise_shift": layer.left.shift,
            "right_offset": layer.right.offset,
            "right_multiplier": layer.right.multiplier,
            "right_requantise_shift": layer.right.shift,
            "output_offset": layer.output_offset,
            "output_multiplier": layer.output_multiplier,
            "output_shift": layer.output_shift,
            "activation_min": layer.activation_min,
            "activation_max": layer.activation_max,
        },
    )


def softmax(layer: layers.Softmax) -> Struct:
    """`struct mlbench_softmax`."""
    names = ("rows", "depth", "multiplier", "shift", "diff_min")
    return Struct("struct mlbench_softmax", {name: getattr(layer, name) for name in names})


def lookup(layer: layers.Lookup) -> Struct:
    """`struct mlbench_lookup`."""
    table = Array("int8_t", layer.table, name="table")
    return Struct("struct mlbench_lookup", {"table": table, "count": layer.count})


def rescale(layer: layers.Rescale) -> Struct:
    """`struct mlbench_rescale`."""
    names = ("count", "input_offset", "multiplier", "shift", "output_offset")
    bounds = ("activation_min", "activation_max")
    return Struct(
        "struct mlbench_rescale", {name: getattr(layer, name) for name in (*names, *bounds)}
    )


def affine(layer: layers.Affine) -> Struct:
    """`struct mlbench_affine`."""
    return Struct(
        "struct mlbench_affine",
        {"count": layer.count, "zero_point": layer.zero_point, "scale": layer.scale},
    )


def pad(layer: layers.Pad) -> Struct:
    """`struct mlbench_pad`."""
    sizes, steps, first = pad_steps(layer.input_shape, layer.output_shape, layer.before)
    return Struct(
        "struct mlbench_pad",
        {
            "size": _values(sizes),
            "output_step": _values(steps),
            "first": first,
            "output_bytes": math.prod(layer.output_shape),
            "value": layer.value,
        },
    )


def mean(layer: layers.Mean) -> Struct:
    """`struct mlbench_mean`."""
    kept, reduced = kept_and_reduced(layer.input_shape, layer.axes)
    half = MAX_DIMS // 2
    return Struct(
        "struct mlbench_mean",
        {
            "kept": _values(_values(pair) for pair in padded(kept, (1, 0), half)),  # type: ignore[misc]
            "reduced": _values(_values(pair) for pair in padded(reduced, (1, 0), half)),  # type: ignore[misc]
            "input_offset": layer.input_offset,
            "multiplier": layer.multiplier,
            "shift": layer.shift,
            "output_offset": layer.output_offset,
        },
    )


def concatenation(layer: layers.Concatenation) -> Struct:
    """`struct mlbench_concatenation`."""
    runs = [math.prod(shape[layer.axis :]) for shape in layer.input_shapes]
    return Struct(
        "struct mlbench_concatenation",
        {
            "row_bytes": Array("int32_t", np.array(runs, np.int32), name="row_bytes"),
            "inputs": len(runs),
            "rows": math.prod(layer.output_shape[: layer.axis]),
        },
    )
