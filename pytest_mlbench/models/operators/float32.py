"""Functions of one or two float32 values, before or after the integer part of a model.

Each step is one operation of IEEE 754, so results are the same on every machine. exp, log, sin and
cos are not supported, because C libraries differ in the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic as q
from .layers import Broadcast, Layer
from .operator import Operator
from .rules import Input, Rule
from .view import common

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .view import OperatorView

LARGEST = float(np.finfo(np.float32).max)
"""The largest float32."""

BOUNDS = {
    "NONE": (-LARGEST, LARGEST),
    "RELU": (0.0, LARGEST),
    "RELU_N1_TO_1": (-1.0, 1.0),
    "RELU6": (0.0, 6.0),
}
"""Fused activations, as real values."""


@dataclass(frozen=True, eq=False)
class Unary32(Layer):
    """A function of one float32 value (see `kind`); only LEAKY_RELU uses `alpha`."""

    count: int
    alpha: float


@dataclass(frozen=True, eq=False)
class Pair32(Broadcast):
    """A function of two float32 values (see `kind`)."""

    activation_min: float
    activation_max: float


def is_float(view: OperatorView) -> bool:
    """Whether the output is float32."""
    return view.output.dtype == "float32"


def bounds(view: OperatorView) -> tuple[float, float]:
    """The bounds of the fused activation. Raises NotRepresentable for an unknown one."""
    activation = view.option("fused_activation_function", "NONE")
    if activation not in BOUNDS:
        raise q.NotRepresentable(f"the fused activation {activation} of float32")
    return BOUNDS[activation]


def unary(view: OperatorView) -> Unary32:
    """The layer of an operator in UNARY."""
    alpha = float(np.float32(view.option("alpha", 0.0)))
    return Unary32(**common(view), count=view.output.elements, alpha=alpha)


def pair(view: OperatorView) -> Pair32:
    """The layer of an operator in PAIRS."""
    fused = view.kind in ("ADD", "SUB", "MUL", "DIV")
    low, high = bounds(view) if fused else (-float("inf"), float("inf"))
    return Pair32(
        **common(view, 0, 1),
        left_shape=view.tensor(0).shape,
        right_shape=view.tensor(1).shape,
        output_shape=view.output.shape,
        activation_min=low,
        activation_max=high,
    )


def _rounded(values: NDArray[np.float32]) -> NDArray[Any]:
    below = np.floor(values)
    rest = values - below
    even = below - np.float32(2) * np.floor(np.float32(0.5) * below) == 0
    return np.where((rest < 0.5) | ((rest == 0.5) & even), below, below + np.float32(1))


UNARY: dict[str, Callable[[Any], Any]] = {
    "ABS": np.abs,
    "CEIL": np.ceil,
    "FLOOR": np.floor,
    "HARD_SWISH": lambda x: (
        x * np.minimum(np.float32(6), np.maximum(np.float32(0), x + np.float32(3))) / np.float32(6)
    ),
    "LEAKY_RELU": lambda x: x,
    "NEG": np.negative,
    "RELU": lambda x: np.where(x < 0, np.float32(0), x),
    "RELU6": lambda x: np.where(x > 6, np.float32(6), np.where(x < 0, np.float32(0), x)),
    "ROUND": _rounded,
    "RSQRT": lambda x: np.float32(1) / np.sqrt(x),
    "SQRT": np.sqrt,
    "SQUARE": lambda x: x * x,
}

PAIRS: dict[str, Callable[[Any, Any], Any]] = {
    "ADD": np.add,
    "DIV": np.divide,
    "MAXIMUM": lambda x, y: np.where(x > y, x, y),
    "MINIMUM": lambda x, y: np.where(x < y, x, y),
    "MUL": np.multiply,
    "PRELU": lambda x, alpha: np.where(x >= 0, x, x * alpha),
    "SQUARED_DIFFERENCE": lambda x, y: (x - y) * (x - y),
    "SUB": np.subtract,
}


def unary_reference(layer: Unary32, source: NDArray[Any]) -> NDArray[Any]:
    """The numpy reference."""
    with np.errstate(all="ignore"):
        output: NDArray[Any] = UNARY[layer.kind](source)
        if layer.kind == "LEAKY_RELU":
            output = np.where(source > 0, source, source * np.float32(layer.alpha))
    return output


def pair_reference(layer: Pair32, *inputs: NDArray[Any]) -> NDArray[Any]:
    """The numpy reference."""
    left, right = (
        one.reshape(shape)
        for one, shape in zip(inputs, (layer.left_shape, layer.right_shape), strict=True)
    )
    low, high = np.float32(layer.activation_min), np.float32(layer.activation_max)
    with np.errstate(all="ignore"):
        output = PAIRS[layer.kind](left, right)
        output = np.where(output < low, low, output)
        return np.where(high < output, high, output)


_RULE = Rule((Input(("float32",), scales="none"),), ("float32",), quantised=False)

OPERATORS = tuple(
    Operator(kind, _RULE, unary, unary_reference)
    for kind in ("CEIL", "FLOOR", "NEG", "ROUND", "SQRT", "SQUARE")
)
