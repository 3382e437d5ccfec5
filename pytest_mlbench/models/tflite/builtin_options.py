"""The builtin options of the operators we know: one table for reading and writing.

Names, types and defaults are those of the format's schema (tensorflow/lite/schema/schema.fbs,
version 3), names in snake case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ENUMERATIONS: dict[str, tuple[str, ...]] = {
    "Padding": ("SAME", "VALID"),
    "ActivationFunctionType": ("NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT"),
    "FullyConnectedOptionsWeightsFormat": ("DEFAULT", "SHUFFLED4x16INT8"),
}
"""Enumerations among the options: position in the tuple is the stored value."""


@dataclass(frozen=True)
class Field:
    """One option: `type` is int, float, bool, ints (a vector) or a name in `ENUMERATIONS`.

    An int below `least` is refused: it would be a division by zero or an endless loop, and so is
    one beyond `operators.MAX_STEP`.
    """

    name: str
    type: str
    default: Any
    least: int | None = None

    @property
    def accessor(self) -> str:
        """The name's spelling in the generated accessors: stride_w -> StrideW."""
        return "".join(word[:1].upper() + word[1:] for word in self.name.split("_"))


@dataclass(frozen=True)
class Layout:
    """The table of one operator's options. `table` is empty when the operator has none."""

    table: str = ""
    fields: tuple[Field, ...] = ()


def _positive(*names: str, default: int = 0) -> tuple[Field, ...]:
    return tuple(Field(name, "int", default, least=1) for name in names)


_FUSED = Field("fused_activation_function", "ActivationFunctionType", "NONE")
_PADDING = Field("padding", "Padding", "SAME")
_STRIDES = _positive("stride_w", "stride_h")
_DILATIONS = _positive("dilation_w_factor", "dilation_h_factor", default=1)
_POOL = Layout(
    "Pool2DOptions",
    (_PADDING, *_STRIDES, *_positive("filter_width", "filter_height"), _FUSED),
)
_SUM = (_FUSED, Field("pot_scale_int16", "bool", True))

LAYOUTS: dict[str, Layout] = {
    "ADD": Layout("AddOptions", _SUM),
    "AVERAGE_POOL_2D": _POOL,
    "CONCATENATION": Layout("ConcatenationOptions", (Field("axis", "int", 0), _FUSED)),
    "CONV_2D": Layout("Conv2DOptions", (_PADDING, *_STRIDES, _FUSED, *_DILATIONS)),
    "DEPTHWISE_CONV_2D": Layout(
        "DepthwiseConv2DOptions",
        (_PADDING, *_STRIDES, *_positive("depth_multiplier"), _FUSED, *_DILATIONS),
    ),
    "DEQUANTIZE": Layout("DequantizeOptions"),
    "FULLY_CONNECTED": Layout(
        "FullyConnectedOptions",
        (
            _FUSED,
            Field("weights_format", "FullyConnectedOptionsWeightsFormat", "DEFAULT"),
            Field("keep_num_dims", "bool", False),
            Field("asymmetric_quantize_inputs", "bool", False),
        ),
    ),
    "LOGISTIC": Layout(),
    "MAXIMUM": Layout("MaximumMinimumOptions"),
    "MAX_POOL_2D": _POOL,
    "MEAN": Layout("ReducerOptions", (Field("keep_dims", "bool", False),)),
    "MINIMUM": Layout("MaximumMinimumOptions"),
    "MUL": Layout("MulOptions", (_FUSED,)),
    "PAD": Layout("PadOptions"),
    "PADV2": Layout("PadV2Options"),
    "QUANTIZE": Layout("QuantizeOptions"),
    "RELU": Layout(),
    "RELU6": Layout(),
    "RESHAPE": Layout("ReshapeOptions", (Field("new_shape", "ints", ()),)),
    "SOFTMAX": Layout("SoftmaxOptions", (Field("beta", "float", 0.0),)),
    "SQUEEZE": Layout("SqueezeOptions", (Field("squeeze_dims", "ints", ()),)),
    "SUB": Layout("SubOptions", _SUM),
    "TANH": Layout(),
}
"""The operators whose options are decoded. Any other operator has empty options."""

VERSIONS: dict[str, int] = {
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "FULLY_CONNECTED": 4,
    "RESHAPE": 1,
    "SQUEEZE": 1,
}
"""The version that int8 needs of each operator; 2 where it is not listed."""


def complete(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` with the schema's defaults for what is missing, in the schema's order."""
    fields = LAYOUTS[kind].fields
    strange = sorted(set(given) - {field.name for field in fields})
    if strange:
        raise ValueError(f"{kind} has no option {strange[0]!r}")
    return {field.name: given.get(field.name, field.default) for field in fields}
