"""Rescaling with a clamp, shared by QUANTIZE, RELU and RELU6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from . import layers
from .int16.scale import Rescale16
from .numpy_arithmetic import Words, requantise
from .view import common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import OperatorView


def lower_rescale(view: OperatorView, factor: q.Multiplier, low: int, high: int) -> layers.Rescale:
    """The layer that scales by `factor` and clamps to the stored values `low` to `high`."""
    source, output = view.tensor(0), view.output
    wide = {source.dtype, output.dtype} - {"int8", "uint8"}
    return (Rescale16 if wide else layers.Rescale)(
        **common(view),
        count=source.elements,
        input_dtype=source.dtype,
        output_dtype=output.dtype,
        input_offset=-source.quantisation.zero_point,
        output_offset=output.quantisation.zero_point,
        multiplier=factor.multiplier,
        shift=factor.shift,
        activation_min=low,
        activation_max=high,
    )


def ratio(view: OperatorView) -> q.Multiplier:
    """Input scale / output scale. Raises NotRepresentable for an int32 input, which the operators'
    rules let be without one, that has none."""
    if not view.tensor(0).quantisation.scales:
        raise q.NotRepresentable(f"from {view.tensor(0).dtype} without a scale")
    return q.quantize_multiplier(view.tensor(0).quantisation.scale / view.output.quantisation.scale)


def rescale_reference(layer: layers.Rescale, source: NDArray[Any]) -> Words:
    """The numpy reference."""
    values = source.astype(np.int64) + layer.input_offset
    scaled = requantise(values, layer.multiplier, layer.shift) + layer.output_offset
    clamped: Words = np.clip(scaled, layer.activation_min, layer.activation_max)
    return clamped
