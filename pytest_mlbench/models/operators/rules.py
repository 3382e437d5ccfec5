"""Which tensors an operator takes. Checked before an operator's shapes and scales are looked at.

What a rule cannot say is in the operator's shape check (shapes that must agree) and in its
lowering (scales that cannot be expressed).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .view import View, dims

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.models.tflite.graph import Tensor

INT8 = ("int8",)
INT32 = ("int32",)
ANY = ("int8", "uint8", "float32")


@dataclass(frozen=True)
class Input:
    """One input of an operator.

    `constant`: it must be. `optional`: it may be absent. `scales` says which quantisation it has:
    'one' scale and zero point; 'many', one per slice or one; 'shared', one, and the output has the
    same, because the kernel copies or compares stored values; 'copied', that of the output or
    none, like the output; 'none' when nobody looks at it.
    """

    types: tuple[str, ...] = INT8
    constant: bool = False
    optional: bool = False
    scales: str = "one"


@dataclass(frozen=True)
class Rule:
    """`repeated`: the last of `inputs` stands for any number of inputs, at least one.

    `outputs` are the output's types; `quantised`: it needs a scale and zero point of its own.
    """

    inputs: tuple[Input, ...]
    outputs: tuple[str, ...] = INT8
    repeated: bool = False
    quantised: bool = True

    @property
    def least(self) -> int:
        """How many inputs there must be."""
        return sum(not known.optional for known in self.inputs)

    def input(self, position: int) -> Input:
        """What is expected of input `position`."""
        return self.inputs[min(position, len(self.inputs) - 1)]


def problems(view: View, rule: Rule) -> Iterator[str]:
    """What about the operator's tensors is against `rule`: a clause each."""
    count, least, most = len(view.inputs), rule.least, len(rule.inputs)
    if count < least or (count > most and not rule.repeated):
        expected = least if rule.repeated or least == most else f"{least} to {most}"
        yield f"{count} inputs, expected {expected}"
        return
    if len(view.outputs) != 1:
        yield f"{len(view.outputs)} outputs, expected 1"
        return
    for position, tensor in enumerate(view.inputs):
        yield from _input_problems(tensor, f"input {position}", rule.input(position))
    output = view.output
    if output.dtype not in rule.outputs:
        yield f"its output is {output.dtype}, expected {' or '.join(rule.outputs)}"
    if rule.quantised:
        yield from _scale_problems(output, "its output")
    for position, tensor in enumerate(view.inputs):
        if tensor is not None and rule.input(position).scales in ("shared", "copied"):
            yield from _difference(tensor, output, f"input {position}")


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
    if tensor.dtype == "float32":
        return
    scales = tensor.quantisation.scales
    if not scales:
        yield f"{where} has no scale"
    elif len(scales) > 1 and not many:
        yield f"{where} has {len(scales)} scales, expected 1"
    elif not all(0 < scale < math.inf for scale in scales):
        yield f"{where} has a scale that is not a positive number"


def _difference(tensor: Tensor, output: Tensor, where: str) -> Iterator[str]:
    if tensor.dtype != output.dtype:
        yield f"{where} is {tensor.dtype} and its output {output.dtype}"
    elif _quantisation(tensor) != _quantisation(output):
        yield f"{where} and its output differ in scale or zero point"


def _quantisation(tensor: Tensor) -> tuple[float, int] | None:
    known = tensor.quantisation
    return (known.scale, known.zero_point) if known.scales else None
