"""Chooses kernels for the smallest ROM: constants, and the code of the kernels that are needed.

The size of a kernel's code is what its library says of it (`KernelCall.code`), else `CODE` bytes;
each kernel that runs counts once. So a few bytes of constants less do not bring a second kernel
into the firmware.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.kernels.interface import Array, Struct

from .candidates import changed, groups
from .lowered import Lowered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_mlbench.kernels.interface import Argument, KernelCall

    from .candidates import Calls, Group, Kernels

CODE = 1800
"""Bytes of code of a kernel of which its library says nothing."""

Parts = frozenset[tuple[str, int]]
"""Constants by their content and kernels by their name, each with its bytes."""


def rom_bytes(lowered: Lowered) -> int:
    """The bytes of constants and code that the calls need, as far as they are known."""
    return _bytes(lowered.calls, {id(call): _parts(call) for call in lowered.calls if call})


def smallest(usual: Lowered, kernels: Kernels) -> Lowered:
    """`usual`, the program as it runs with the fewest cycles, on the kernels that need least ROM.

    Of equal sizes, the faster one is taken; the result is never larger than `usual`. A greedy
    search from the fastest kernels, and from those with the fewest constants: one operator changes,
    or all operators leave one kernel, as long as the whole becomes smaller.
    """
    program = usual.program
    found = groups(program, kernels)
    known = {id(call): _parts(call) for each in found for o in each.options for call in o if call}
    known |= {id(call): _parts(call) for call in usual.calls if call}
    own = [[_bytes(option, known) for option in each.options] for each in found]
    fewest = [
        each.options[of_each.index(min(of_each))] for each, of_each in zip(found, own, strict=True)
    ]
    best, least = usual, _bytes(usual.calls, known)
    for start in ([each.options[0] for each in found], fewest):
        chosen = _improved(found, start, known)
        size = _bytes(_all(chosen), known)
        if size < least:
            best, least = Lowered(program, changed(usual.calls, found, chosen)), size
    return best


def _improved(
    found: Sequence[Group], start: list[Calls], known: Mapping[int, Parts]
) -> list[Calls]:
    chosen, size = start, _bytes(_all(start), known)
    while True:
        before = size
        for tried in (*_single_changes(found, chosen), *_without_one(found, chosen)):
            smaller = _bytes(_all(tried), known)
            if smaller < size:
                chosen, size = tried, smaller
                break
        if size == before:
            return chosen


def _single_changes(found: Sequence[Group], chosen: list[Calls]) -> Iterator[list[Calls]]:
    for place, each in enumerate(found):
        for option in each.options:
            if option is not chosen[place]:
                yield [*chosen[:place], option, *chosen[place + 1 :]]


def _without_one(found: Sequence[Group], chosen: list[Calls]) -> Iterator[list[Calls]]:
    """For each kernel that runs, all its operators on another one that runs, if each has one."""
    running = sorted({name for option in chosen for name in _names(option)})
    for name in running:
        others = set(running) - {name}
        changed = []
        for each, option in zip(found, chosen, strict=True):
            if name in _names(option):
                option = next((o for o in each.options if _names(o) <= others), option)
            changed.append(option)
        if all(name not in _names(option) for option in changed):
            yield changed


def _names(option: Calls) -> set[str]:
    return {call.kernel for call in option if call is not None}


def _all(options: Iterable[Calls]) -> Iterator[KernelCall | None]:
    return (call for option in options for call in option)


def _bytes(calls: Iterable[KernelCall | None], known: Mapping[int, Parts]) -> int:
    """The bytes of what the calls need, each part once."""
    parts = {part for call in calls if call is not None for part in known[id(call)]}
    return sum(size for _, size in parts)


def _parts(call: KernelCall) -> Parts:
    own = set(call.code or ((call.kernel, CODE),))
    for argument in call.arguments:
        own |= set(_within(argument))
    return frozenset(own) | (_parts(call.setup) if call.setup else frozenset())


def _within(argument: Argument) -> Iterator[tuple[str, int]]:
    if isinstance(argument, Array):
        values = np.ascontiguousarray(argument.values)
        yield hashlib.sha256(values.tobytes()).hexdigest(), values.nbytes
    elif isinstance(argument, Struct):
        for field in argument.fields.values():
            yield from _within(field)
