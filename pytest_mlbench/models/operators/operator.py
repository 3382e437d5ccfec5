"""The complete description of one operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .shapes import same_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from .layers import Layer
    from .rules import Rule
    from .view import OperatorView


@dataclass(frozen=True)
class Operator:
    """One operator of the format. docs/add-an-operator.md explains it step by step.

    kind       the builtin operator's name in the schema ('LEAKY_RELU')
    rule       number and types of its input and output tensors
    lower      returns the layer that a kernel executes. Raises NotRepresentable for scales that
               integer arithmetic cannot express. None if the operator changes no byte: its output
               shares its first input's buffer
    reference  `reference(layer, *inputs)` computes in numpy the stored values of the output (or a
               tuple of several outputs) from those of `layer.inputs`. None if `lower` is None
    shape      says what is wrong with the shapes; an empty text if nothing is
    fold       returns the outputs' values if the inputs' shapes determine them (SHAPE), else None
    """

    kind: str
    rule: Rule
    lower: Callable[[OperatorView], Layer] | None
    reference: Callable[..., Any] | None
    shape: Callable[[OperatorView], str] = same_shape
    fold: Callable[[OperatorView], tuple[Any, ...] | None] | None = None
