"""Rules for the tensors of an operator. They are checked before its shapes and scales.

Further checks are in the operator's shape check (shapes must agree) and in its lowering (scales
must be expressible).
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
"""The types of quantised values, which have a scale and a zero point."""

ANY = ("int8", "uint8", "float32")
"""The types of an int8 model's inputs and outputs."""

MOVED = ("int8", "uint8", "int16", "int32", "int64", "bool", "float32")
"""The types that can be copied without using their values."""

SCALE_TOLERANCE = 1e-6
"""The tolerance for scales that must be equal, as in TensorFlow Lite Micro."""


@dataclass(frozen=True)
class Input:
    """One input of an operator.

    `constant`: it must be constant. `optional`: it may be absent. `scales` says how it must be
    quantised:

    'one'     one scale and zero point
    'many'    one scale, or one per slice
    'shared'  one scale and zero point, and the output has the same
    'raw'     any, but the output has the same type: the kernel copies or compares stored values
    'none'    any; it is not used

    `everything`: TensorFlow Lite Micro takes no other types, and a refusal says so.
    """

    types: tuple[str, ...] = INT8
    constant: bool = False
    optional: bool = False
    scales: str = "one"
    everything: bool = False


def copied(*types: str) -> Input:
    """An input whose stored values are copied, with all types that TensorFlow Lite Micro takes."""
    return Input(types, scales="raw", everything=True)


@dataclass(frozen=True)
class Rule:
    """The rule for one operator's tensors.

    repeated   the last of `inputs` stands for any number of inputs, at least one
    outputs    the allowed types of the outputs
    quantised  outputs need a scale and zero point
    many       there may be any number of outputs
    """

    inputs: tuple[Input, ...]
    outputs: tuple[str, ...] = INT8
    repeated: bool = False
    quantised: bool = True
    many: bool = False

    @property
    def least(self) -> int:
        """The minimum number of inputs."""
        return sum(not known.optional for known in self.inputs)

    def input(self, position: int) -> Input:
        """The rule for input `position`."""
        return self.inputs[min(position, len(self.inputs) - 1)]


def problems(view: OperatorView, rule: Rule) -> Iterator[str]:
    """How the operator's tensors violate `rule`: one clause per violation."""
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
        types = " or ".join(expected.types)
        limit = f"TensorFlow Lite Micro takes only {types}" if expected.everything else ""
        yield f"{where} is {tensor.dtype}, {limit or f'expected {types}'}"
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
    """Names the first scale that is not a positive number; empty if all are.

    With `zero`, 0 is allowed too: the scale of a channel whose weights are all 0.
    """
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
