"""Tensors that are contiguous parts of another tensor and can share its buffer without a copy.

CONCATENATION and PACK along the outermost dimension put their inputs one after another; SPLIT,
UNPACK and a slice of whole rows return contiguous parts. If the parts begin at aligned offsets,
they are written, or read, directly in the whole tensor's buffer.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from pytest_mlbench.kernels.interface import ALIGNMENT
from pytest_mlbench.models.operators.layers import Concatenation
from pytest_mlbench.models.operators.split import Split
from pytest_mlbench.models.operators.strided import StridedCopy, dense_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph


class Views(NamedTuple):
    """Tensors that are parts of `whole`: (tensor, offset in bytes).

    `joined`: the operator joins the parts; otherwise it divides the whole.
    """

    whole: int
    pieces: tuple[tuple[int, int], ...]
    joined: bool = False


def views(layer: Layer | None) -> Views | None:
    """The views that `layer` creates, if it does nothing else; otherwise None."""
    if isinstance(layer, Concatenation) and prod(layer.output_shape[: layer.axis]) == 1:
        starts = _starts([prod(shape) * layer.item for shape in layer.input_shapes])
        pieces = tuple(zip(layer.inputs, starts, strict=True))
        return Views(layer.outputs[0], pieces, joined=True)
    if isinstance(layer, Split) and prod(layer.input_shape[: layer.axis]) == 1:
        row = prod(layer.input_shape[layer.axis + 1 :]) * layer.item
        starts = _starts([size * row for size in layer.sizes])
        return Views(layer.inputs[0], tuple(zip(layer.outputs, starts, strict=True)))
    if isinstance(layer, StridedCopy) and _dense(layer):
        return Views(layer.inputs[0], ((layer.outputs[0], layer.first * layer.item),))
    return None


def _starts(sizes: Sequence[int]) -> list[int]:
    return [sum(sizes[:number]) for number in range(len(sizes))]


def _dense(layer: StridedCopy) -> bool:
    """Does it copy one contiguous part of its input?"""
    steps = zip(layer.sizes, layer.steps, dense_steps(layer.sizes), strict=True)
    return all(size == 1 or step == dense for size, step, dense in steps)


class Pieces:
    """Makes tensors parts of others, as far as buffers, variables and alignment allow.

    Updates `owner`: tensor -> the tensor whose buffer it uses. `shift`: part -> its offset in that
    buffer in bytes.
    """

    def __init__(self, graph: Graph, owner: dict[int, int]) -> None:
        self._bytes = {tensor.index: tensor.bytes for tensor in graph.tensors}
        self._variables = {tensor.index for tensor in graph.tensors if tensor.variable}
        self._given = {*graph.inputs, *self._variables}
        self._owner = owner
        self.shift: dict[int, int] = {}
        self.wholes: set[int] = set()

    def take(self, views: Views) -> bool:
        """Applies `views` if possible. Returns whether it was."""
        if any(offset % ALIGNMENT for _, offset in views.pieces) or views.whole not in self._owner:
            return False
        return self._join(views) if views.joined else self._cut(views)

    def _cut(self, views: Views) -> bool:
        root, start = self._owner[views.whole], self.shift.get(views.whole, 0)
        # A variable may be overwritten before a piece of it is read, and keeps its own buffer.
        if {root, *(piece for piece, _ in views.pieces)} & self._variables:
            return False
        for piece, offset in views.pieces:
            self._owner[piece], self.shift[piece] = root, start + offset
        self.wholes.add(root)
        return True

    def _join(self, views: Views) -> bool:
        """Moves each part, with everything in its buffer, into the buffer of the whole."""
        roots = [self._owner.get(piece) for piece, _ in views.pieces]
        if None in roots or len(set(roots)) < len(roots) or views.whole in self._variables:
            return False
        for (piece, _), root in zip(views.pieces, roots, strict=True):
            size = self._bytes[piece]
            inside = [each for each, whose in self._owner.items() if whose == root]
            if root in self._given or any(self._bytes[each] > size for each in inside):
                return False
        for (_, offset), root in zip(views.pieces, roots, strict=True):
            for each, whose in list(self._owner.items()):
                if whose == root:
                    self._owner[each] = views.whole
                    self.shift[each] = self.shift.get(each, 0) + offset
            self.wholes -= {root}
        self.wholes.add(views.whole)
        return True
