"""Chooses kernels for the lowest peak of memory, and of equal peaks for the fewest cycles.

The bytes that are in use while an operator runs depend on its own kernel only: on its scratch
memory and on how far its output may overlap its input. The lowest peak is therefore that of the
operators' slimmest kernels, and every operator may run on its fastest kernel that stays below it.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from .candidates import changed, groups
from .lowered import Lowered
from .memory_plan.arrange import in_use
from .needs import needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .candidates import Calls, Group, Kernels
    from .passes.program import Program


UNKNOWN = 10
"""Instructions per byte of output of a kernel without a formula, about those of an integer pool."""


def slimmest(program: Program, kernels: Kernels) -> Lowered:
    """Each operator on the kernel with which the fewest bytes are in use while it runs.

    Of equal kernels, the fastest is taken. Raises UsageError if a layer has none.
    """
    found = groups(program, kernels)
    tried = []
    for views in (False, True):
        sizes = _sizes(program, found, views=views)
        least = [
            each.options[size.index(min(size))] for each, size in zip(found, sizes, strict=True)
        ]
        tried.append(_with(program, found, least))
    return min(tried, key=lambda each: each.bound)


def instructions(program: Program, kernels: Kernels, limit: int) -> float:
    """The predicted instructions with every operator on its fastest kernel that keeps to `limit`
    bytes; infinity if an operator has none."""
    found = groups(program, kernels)
    totals = []
    for views in (False, True):
        total = 0.0
        for each, of_each in zip(found, _sizes(program, found, views=views), strict=True):
            fitting = [o for o, size in zip(each.options, of_each, strict=True) if size <= limit]
            total += _predicted(program, each, fitting[0]) if fitting else inf
        totals.append(total)
    return min(totals)


def _predicted(program: Program, group: Group, option: Calls) -> int:
    total = 0
    for place, call in zip(group.places, option, strict=True):
        if call is not None and call.predict is not None:
            total += call.predict(call.defines)
        else:
            outputs = program.graph.operators[place].outputs
            total += UNKNOWN * sum(program.graph.tensors[index].bytes for index in outputs)
    return total


def faster(slim: Lowered, kernels: Kernels, limit: int) -> Lowered:
    """`slim` with every operator on its fastest kernel that does not raise the peak above `limit`.

    `limit` is at least the peak of `slim`. Sizes that only a probing firmware knew are those in
    `slim`.
    """
    program = slim.program
    found = [_resolved(each, slim) for each in groups(program, kernels)]
    sizes = _sizes(program, found, views=bool(slim.memory.free))
    fitting = [
        [option for option, size in zip(each.options, of_each, strict=True) if size <= limit]
        for each, of_each in zip(found, sizes, strict=True)
    ]
    fast = _with(program, found, [each[0] for each in fitting]) if all(fitting) else slim
    if fast.memory.peak <= limit:
        return fast
    # No plan was found that meets the bound: each operator is tried alone, those with most MACs
    # first.
    best = slim
    for each, options in sorted(
        zip(found, fitting, strict=True), key=lambda pair: _most_work(program, pair[0])
    ):
        for option in options:
            if all(
                best.calls[place] is call for place, call in zip(each.places, option, strict=True)
            ):
                break
            tried = replace(best, calls=changed(best.calls, [each], [option]))
            if tried.bound <= limit and tried.memory.peak <= limit:
                best = tried
                break
    return best


def _sizes(program: Program, found: Sequence[Group], *, views: bool) -> list[list[int]]:
    """For each group and each of its options, the bytes in use while it runs."""
    sizes: list[list[int]] = [[] for _ in found]
    for number in range(max((len(each.options) for each in found), default=0)):
        picked = [each.options[min(number, len(each.options) - 1)] for each in found]
        calls = _with(program, found, picked).calls
        used = in_use(program.graph, needs(program.graph, program.layers, calls), views=views)
        for each, of_each in zip(found, sizes, strict=True):
            if number < len(each.options):
                of_each.append(max(used[place] for place in each.places))
    return sizes


def _with(program: Program, found: Sequence[Group], options: Iterable[Calls]) -> Lowered:
    return Lowered(program, changed((None,) * len(program.layers), found, options))


def _resolved(group: Group, slim: Lowered) -> Group:
    """A group with one option has that of `slim`, whose sizes are numbers."""
    if len(group.options) > 1:
        return group
    return replace(group, options=(tuple(slim.calls[place] for place in group.places),))


def _most_work(program: Program, group: Group) -> tuple[int, int]:
    layers = [program.layers[place] for place in group.places]
    return -sum(layer.macs for layer in layers if layer is not None), group.places[0]
