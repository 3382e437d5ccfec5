"""What there is to know about one operator, in one place."""

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
    """One operator of the format. docs/add-an-operator.md goes through it step by step.

    kind       the builtin operator's name in the schema ('LEAKY_RELU')
    rule       how many tensors of which types it takes and gives
    lower      the layer that a kernel executes, everything resolved that is known at build time.
               Raises NotRepresentable for scales that integer arithmetic cannot express. None:
               the operator changes no byte, its output is its first input's buffer
    reference  `reference(layer, *inputs)`: the stored values of the output (or a tuple, for
               several outputs) of the stored values of `layer.inputs`, in numpy. None: as `lower`
    shape      what is wrong with the shapes, an empty text when nothing is
    fold       the outputs' values where they follow from the inputs' shapes alone (SHAPE), or None
    """

    kind: str
    rule: Rule
    lower: Callable[[OperatorView], Layer] | None
    reference: Callable[..., Any] | None
    shape: Callable[[OperatorView], str] = same_shape
    fold: Callable[[OperatorView], tuple[Any, ...] | None] | None = None
