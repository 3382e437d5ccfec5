"""What an operator needs of the memory plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .views import Views


@dataclass(frozen=True)
class TensorOverlap:
    """Tensor `output` may share bytes with tensor `source` when it starts at least `distance`
    bytes below it; with `exact`, when it starts exactly `distance` bytes below it."""

    source: int
    output: int
    distance: int = 0
    exact: bool = True


@dataclass(frozen=True)
class Need:
    """What one operator needs in addition to its tensors; sizes in bytes.

    overlaps    which of its outputs may overlap which of its inputs
    same_bytes  whether its output holds the same bytes as its input, so that they share a buffer
    views       how its tensors are pieces of one tensor; if they are placed so, it need not run
    """

    overlaps: tuple[TensorOverlap, ...] = ()
    same_bytes: bool = False
    views: Views | None = None
    scratch: int = 0
    persistent: int = 0
