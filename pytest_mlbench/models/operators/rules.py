"""What the backend covers. Everything it does not is refused at once, before anything is built.

Each operator has one `Rule`: how many inputs, which types, which inputs must be constants. What a
rule cannot say is in `shapes.py` (shapes that must agree) and in the lowering (scales that cannot
be expressed).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UserMistake

from .shapes import shape_problem
from .view import View, dims

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_mlbench.models.tflite.graph import Graph, Tensor

INT8 = ("int8",)
_ANY = ("int8", "uint8", "float32")


@dataclass(frozen=True)
class Rule:
    """inputs, at_least: how many inputs there may and must be (None: any number).

    `types` are the types of all inputs that `constants` does not name; `constants` maps an input's
    position to the types of a constant that has to stand there. `one_scale`: data inputs and the
    output must have one quantisation, because the kernel copies or compares stored values.
    `quantised`: data inputs and outputs need a scale and zero point of their own.
    """

    inputs: int | None
    at_least: int
    types: tuple[str, ...] = INT8
    outputs: tuple[str, ...] = INT8
    constants: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    one_scale: bool = False
    quantised: bool = True


_WEIGHTED = {1: INT8, 2: ("int32",)}
_WINDOW = Rule(1, 1, one_scale=True)
_PAIR = Rule(2, 2)
_ONE = Rule(1, 1)

RULES: dict[str, Rule] = {
    "ADD": _PAIR,
    "AVERAGE_POOL_2D": _WINDOW,
    "CONCATENATION": Rule(None, 1, one_scale=True),
    "CONV_2D": Rule(3, 2, constants=_WEIGHTED),
    "DEPTHWISE_CONV_2D": Rule(3, 2, constants=_WEIGHTED),
    "DEQUANTIZE": Rule(1, 1, types=("int8", "uint8"), outputs=("float32",)),
    "FULLY_CONNECTED": Rule(3, 2, constants={2: ("int32",)}),
    "LOGISTIC": _ONE,
    "MAXIMUM": Rule(2, 2, one_scale=True),
    "MAX_POOL_2D": _WINDOW,
    "MEAN": Rule(2, 2, constants={1: ("int32",)}),
    "MINIMUM": Rule(2, 2, one_scale=True),
    "MUL": _PAIR,
    "PAD": Rule(2, 2, constants={1: ("int32",)}, one_scale=True),
    "PADV2": Rule(3, 3, constants={1: ("int32",), 2: INT8}, one_scale=True),
    "QUANTIZE": Rule(1, 1, types=_ANY, outputs=("int8", "uint8")),
    "RELU": _ONE,
    "RELU6": Rule(1, 1, one_scale=True),
    "RESHAPE": Rule(
        2, 1, types=_ANY, outputs=_ANY, constants={1: ("int32",)}, one_scale=True, quantised=False
    ),
    "SOFTMAX": _ONE,
    "SQUEEZE": Rule(1, 1, types=_ANY, outputs=_ANY, one_scale=True, quantised=False),
    "SUB": _PAIR,
    "TANH": _ONE,
}
"""Every operator that the backend covers."""


def problems(graph: Graph) -> dict[int, str]:
    """What is not covered: operator's place -> a clause. Empty when all is well."""
    found: dict[int, str] = {}
    for operator in graph.operators:
        view = View.of(graph, operator)
        problem = next(_problems(view), None)
        if problem is not None:
            found[operator.index] = problem
    return found


def refusal(graph: Graph, found: Mapping[int, str], *, where: str = "") -> UserMistake:
    """The one error that names everything in `found`, equal problems together."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index in sorted(found):
        groups.setdefault((graph.operators[index].kind, found[index]), []).append(index)
    listed = "; ".join(
        f"{_places(places)} {kind}: {text}" for (kind, text), places in groups.items()
    )
    what = f"the aot backend does not cover {len(found)} of {len(graph.operators)} operators: "
    if any("float32" in text for text in found.values()):
        remedy = "Convert the model with full integer quantisation (int8)"
    else:
        remedy = f"Covered: {', '.join(RULES)}"
    return UserMistake(what + listed, where=where, remedy=remedy)


def _places(places: list[int], most: int = 6) -> str:
    if len(places) == 1:
        return f"operator {places[0]}"
    rest = f" and {len(places) - most} more" if len(places) > most else ""
    return f"operators {', '.join(map(str, places[:most]))}{rest}"


def _problems(view: View) -> Iterator[str]:
    rule = RULES.get(view.kind)
    if rule is None:
        yield "not a supported operator"
        return
    count = len(view.inputs)
    if count < rule.at_least or (rule.inputs is not None and count > rule.inputs):
        expected = (
            rule.at_least
            if rule.inputs in (None, rule.at_least)
            else (f"{rule.at_least} to {rule.inputs}")
        )
        yield f"{count} inputs, expected {expected}"
        return
    if len(view.outputs) != 1:
        yield f"{len(view.outputs)} outputs, expected 1"
        return
    yield from _input_problems(view, rule)
    output = view.output
    if output.dtype not in rule.outputs:
        yield f"its output is {output.dtype}, expected {' or '.join(rule.outputs)}"
    if rule.quantised:
        yield from _scale_problems(output, "its output")
    if rule.one_scale:
        yield from _mixed_scales(view, rule)
    problem = shape_problem(view)
    if problem:
        yield problem


def _input_problems(view: View, rule: Rule) -> Iterator[str]:
    for position, tensor in enumerate(view.inputs):
        where = f"input {position}"
        expected = rule.constants.get(position, rule.types)
        if tensor is None:
            if position < rule.at_least or rule.inputs is None:
                yield f"{where} is absent"
            continue
        if tensor.dtype not in expected:
            yield f"{where} is {tensor.dtype}, expected {' or '.join(expected)}"
        if any(size < 1 for size in tensor.shape) and position not in rule.constants:
            yield f"{where} has the dynamic shape {dims(tensor.shape)}"
        if position in rule.constants:
            if tensor.data is None:
                yield f"{where} is computed at run time, expected a constant"
        elif rule.quantised:
            # FULLY_CONNECTED: the weights may have a scale per output.
            weights = view.kind == "FULLY_CONNECTED" and position == 1
            yield from _scale_problems(tensor, where, many=weights)


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


def _mixed_scales(view: View, rule: Rule) -> Iterator[str]:
    wanted = view.output
    for position, tensor in enumerate(view.inputs):
        if tensor is None or (position in rule.constants and view.kind != "PADV2"):
            continue
        if position == 1 and view.kind == "PADV2":
            continue
        if tensor.dtype != wanted.dtype:
            yield f"input {position} is {tensor.dtype} and its output {wanted.dtype}"
        elif _quantisation(tensor) != _quantisation(wanted):
            yield f"input {position} and its output differ in scale or zero point"


def _quantisation(tensor: Tensor) -> tuple[float, int] | None:
    known = tensor.quantisation
    return (known.scale, known.zero_point) if known.scales else None
