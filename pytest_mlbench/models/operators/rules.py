"""Which tensors an operator takes. Checked before an operator's shapes and scales are looked at.

What a rule cannot say is in the operator's shape check (shapes that must agree) and in its
lowering (scales that cannot be expressed).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .view import OperatorView, dims

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.models.tflite.graph import Tensor

INT8 = ("int8",)
INT32 = ("int32",)
QUANTISED = ("int8", "uint8", "int16")
"""The types whose values are numbers by a scale and a zero point."""

ANY = ("int8", "uint8", "float32")
"""What stands at the border of an int8 model."""

MOVED = ("int8", "uint8", "int16", "int32", "int64", "bool", "float32")
"""What can be moved without being looked at."""

SCALE_TOLERANCE = 1e-6
"""How far apart two scales may be that are meant to be equal, as in TensorFlow Lite Micro."""


@dataclass(frozen=True)
class Input:
    """One input of an operator.

    `constant`: it must be. `optional`: it may be absent. `scales` says which quantisation it has:
    'one' scale and zero point; 'many', one per slice or one; 'shared', one, and the output has the
    same; 'raw', any, but the output is of the same type: the kernel moves or compares stored
    values; 'none' when nobody looks at it.
    """

    types: tuple[str, ...] = INT8
    constant: bool = False
    optional: bool = False
    scales: str = "one"


@dataclass(frozen=True)
class Rule:
    """`repeated`: the last of `inputs` stands for any number of inputs, at least one.

    `outputs` are the outputs' types; `quantised`: they need a scale and zero point of their own.
    `many`: there is any number of outputs.
    """

    inputs: tuple[Input, ...]
    outputs: tuple[str, ...] = INT8
    repeated: bool = False
    quantised: bool = True
    many: bool = False

    @property
    def least(self) -> int:
        """How many inputs there must be."""
        return sum(not known.optional for known in self.inputs)

    def input(self, position: int) -> Input:
        """What is expected of input `position`."""
        return self.inputs[min(position, len(self.inputs) - 1)]


def problems(view: OperatorView, rule: Rule) -> Iterator[str]:
    """What about the operator's tensors is against `rule`: a clause each."""
    count, least, most = len(view.inputs), rule.least, len(rule.inputs)
    if most == 0:
        return
    if count < least or (count > most and not rule.repeated):
        expected = least if rule.repeated or least == most else f"{least} to {most}"
        yield f"{count} inputs, expected {expected}"
        return
    if len(view.outputs) != 1 and not (rule.many and view.outputs):
        yield f"{len(view.outputs)} outputs, expected {'at least 1' if rule.many else 1}"
        return
    for position, tensor in enumerate(view.inputs):
        yield from _input_problems(tensor, f"input {position}", rule.input(position))
    for position, output in enumerate(view.outputs):
        where = f"output {position}" if len(view.outputs) > 1 else "its output"
        if output.dtype not in rule.outputs:
            yield f"{where} is {output.dtype}, expected {' or '.join(rule.outputs)}"
        if rule.quantised:
            yield from _scale_problems(output, where)
    for position, tensor in enumerate(view.inputs):
        scales = rule.input(position).scales
        if tensor is not None and scales in ("shared", "raw"):
            yield from _difference(tensor, view.output, f"input {position}", scales)


def _input_problems(tensor: Tensor | None, where: str, expected: Input) -> Iterator[str]:
    if tensor is None:
        if not expected.optional:
            yield f"{where} is absent"
        return
    if tensor.dtype not in expected.types:
        yield f"{where} is {tensor.dtype}, expected {' or '.join(expected.types)}"
    if any(size < 1 for size in tensor.shape) and not expected.constant:
        yield f"{where} has the dynamic shape {dims(tensor.shape)}"
    if expected.constant and tensor.data is None:
        yield f"{where} is computed at run time, expected a constant"
    if expected.scales in ("one", "many", "shared"):
        yield from _scale_problems(tensor, where, many=expected.scales == "many")


def _scale_problems(tensor: Tensor, where: str, *, many: bool = False) -> Iterator[str]:
    if tensor.dtype not in QUANTISED:
        return
    scales = tensor.quantisation.scales
    if not scales:
        yield f"{where} has no scale"
    elif len(scales) > 1 and not many:
        yield f"{where} has {len(scales)} scales, expected 1"
    elif problem := scale_problem(scales, zero=many):
        yield f"{where} has {problem}"


def scale_problem(scales: tuple[float, ...], *, zero: bool = False) -> str:
    """The first scale that is not a positive number (or 0, where `zero` is one: the scale of a
    channel whose weights are all 0)."""
    for scale in scales:
        if not (0 < scale < math.inf or (zero and scale == 0)):
            return f"the scale {scale:g}, expected a positive number"
    return ""


def _difference(tensor: Tensor, output: Tensor, where: str, scales: str) -> Iterator[str]:
    if tensor.dtype != output.dtype:
        yield f"{where} is {tensor.dtype} and its output {output.dtype}"
    elif scales == "shared" and not _alike(tensor, output):
        yield f"{where} and its output differ in scale or zero point"


def _alike(left: Tensor, right: Tensor) -> bool:
    one, other = left.quantisation, right.quantisation
    if not one.scales or not other.scales:
        return one.scales == other.scales
    apart = abs(one.scale - other.scale)
    return apart <= SCALE_TOLERANCE and one.zero_point == other.zero_point
