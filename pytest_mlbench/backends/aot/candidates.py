"""The calls that may execute each layer, among which the memory of the whole model decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_mlbench.kernels.interface import KernelCall, KernelLibrary, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

    from .passes.program import Program

Calls = tuple["KernelCall | None", ...]


@dataclass(frozen=True, eq=False)
class Kernels:
    """Asks the libraries once per layer, since to prove that a kernel is exact takes time."""

    libraries: Sequence[KernelLibrary]
    context: LowerContext
    known: dict[Layer, tuple[KernelCall, ...]] = field(default_factory=dict)

    def of(self, layer: Layer) -> tuple[KernelCall, ...]:
        """The candidates of the first library that covers `layer`, the fastest first.

        A library that knows sizes only in C has one call. Raises UsageError without any.
        """
        if layer not in self.known:
            self.known[layer] = self._asked(layer)
        return self.known[layer]

    def _asked(self, layer: Layer) -> tuple[KernelCall, ...]:
        for library in self.libraries:
            found = library.candidates(layer, self.context)
            if found and not _known(found[0]):
                return found[:1]
            if found:
                return tuple(filter(_known, found))
        raise UsageError(f"operator {layer.index} {layer.kind}: no kernel library covers it")


def _known(call: KernelCall) -> bool:
    return isinstance(call.scratch, int) and isinstance(call.persistent, int)


@dataclass(frozen=True, eq=False)
class Group:
    """Operators that run on the same kernel: all bands of one operator, or one operator alone.

    places   the operators' places in the program
    options  the ways to execute them, the fastest first; each has a call per place
    """

    places: tuple[int, ...]
    options: tuple[Calls, ...]


def groups(program: Program, kernels: Kernels) -> tuple[Group, ...]:
    """The groups of all operators that run, in the order of the program."""
    together: dict[tuple[int, type[Layer]], list[int]] = {}
    for place, layer in enumerate(program.layers):
        if layer is not None:
            together.setdefault((layer.index, type(layer)), []).append(place)
    found = []
    for places in together.values():
        named = [_by_function(kernels.of(layer)) for layer in _layers(program, places)]
        shared = [name for name in named[0] if all(name in each for each in named)]
        if shared:
            options = tuple(tuple(each[name] for each in named) for name in shared)
            found.append(Group(tuple(places), options))
        else:
            found += [
                Group((place,), tuple((call,) for call in each.values()))
                for place, each in zip(places, named, strict=True)
            ]
    return tuple(found)


def changed(calls: Calls, found: Iterable[Group], options: Iterable[Calls]) -> Calls:
    """`calls` of a program with one option for each group of `found`."""
    new = list(calls)
    for each, option in zip(found, options, strict=True):
        for place, call in zip(each.places, option, strict=True):
            new[place] = call
    return tuple(new)


def _layers(program: Program, places: Sequence[int]) -> list[Layer]:
    return [layer for place in places if (layer := program.layers[place]) is not None]


def _by_function(calls: Sequence[KernelCall]) -> dict[tuple[str, int], KernelCall]:
    """The calls by their C function, and by their number among those that share one."""
    found: dict[tuple[str, int], KernelCall] = {}
    for call in calls:
        number = sum(function == call.function for function, _ in found)
        found[call.function, number] = call
    return found
