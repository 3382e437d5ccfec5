"""QUANTIZE and DEQUANTIZE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import layers
from .int16 import scale as scale16
from .int16 import wide
from .operator import Operator
from .rescale import lower_rescale, ratio, rescale_reference
from .rules import ANY, Input, Rule
from .view import common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Tensor

    from .numpy_arithmetic import Words
    from .view import OperatorView


def _quantize(view: OperatorView) -> layers.Layer:
    source, output = view.tensor(0), view.output
    if source.dtype == "int32" or wide.is_int16(view):
        if source.dtype == "float32":
            return scale16.affine(view)
        if "uint8" in (source.dtype, output.dtype):
            raise q.NotRepresentable(f"from {source.dtype} to {output.dtype}")
        return lower_rescale(view, ratio(view), *q.LIMITS[output.dtype])
    if source.dtype == "float32":
        if output.dtype != "int8":
            raise q.NotRepresentable(f"from float32 to {output.dtype}, expected int8")
        return _affine(view, output)
    if (source.dtype, output.dtype) == ("uint8", "uint8"):
        raise q.NotRepresentable("from uint8 to uint8, expected int8 on one side")
    return lower_rescale(view, ratio(view), *q.LIMITS[output.dtype])


def _dequantize(view: OperatorView) -> layers.Layer:
    if wide.is_int16(view):
        return scale16.affine(view)
    return _affine(view, view.tensor(0))


def _affine(view: OperatorView, integers: Tensor) -> layers.Affine:
    known = integers.quantisation
    return layers.Affine(
        **common(view),
        count=view.output.elements,
        dtype=integers.dtype,
        scale=known.scale,
        zero_point=known.zero_point,
    )


def _quantize_reference(layer: layers.Layer, source: NDArray[Any]) -> NDArray[Any]:
    if isinstance(layer, scale16.Affine16):
        return scale16.affine_reference(layer, source)
    if isinstance(layer, layers.Rescale):
        return rescale_reference(layer, source)
    assert isinstance(layer, layers.Affine)
    # For values beyond int32 and for NaN, the interpreter's result is undefined. Here, as in the C
    # kernel, values saturate and NaN becomes the zero point.
    with np.errstate(over="ignore"):
        quotient = (source / np.float32(layer.scale)).astype(np.float64)
    quotient = np.nan_to_num(quotient, nan=0.0, posinf=2.0**31, neginf=-(2.0**31))
    rounded = np.trunc(quotient + np.copysign(0.5, quotient)) + layer.zero_point
    limits = np.iinfo(layer.dtype)
    stored: Words = np.clip(rounded, limits.min, limits.max).astype(np.int64)
    return stored


def _dequantize_reference(
    layer: layers.Affine | scale16.Affine16, source: NDArray[Any]
) -> NDArray[Any]:
    if isinstance(layer, scale16.Affine16):
        return scale16.affine_reference(layer, source)
    steps = (source.astype(np.int32) - layer.zero_point).astype(np.float32)
    real: NDArray[np.float32] = steps * np.float32(layer.scale)
    return real


OPERATORS = (
    Operator(
        "DEQUANTIZE",
        Rule((Input(("int8", "uint8", "int16")),), outputs=("float32",)),
        _dequantize,
        _dequantize_reference,
    ),
    Operator(
        "QUANTIZE",
        Rule((Input((*ANY, "int16", "int32")),), outputs=("int8", "uint8", "int16")),
        _quantize,
        _quantize_reference,
    ),
)
