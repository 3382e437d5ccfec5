"""The numbers in a kernel's argument struct."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Array, Pointers, Struct

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.interface import KernelCall


CHANNELS = "MLBENCH_TUNED_CHANNELS"
PAIRS_PITCH = "MLBENCH_TUNED_PAIRS_PITCH"
PAIRS_ANY_CHANNELS = "MLBENCH_TUNED_PAIRS_ANY_CHANNELS"


@dataclass(frozen=True)
class Machine:
    """What a build is for.

    xlen, vlen  register lengths in bits: integer registers, and vectors (0 without V)
    small       the kernels are built for size: MLBENCH_TUNED_SMALL
    zbb         the compiler has Zbb's `min` and `max`
    defines     what the kernels' files are built with
    """

    xlen: int
    vlen: int = 0
    small: bool = False
    zbb: bool = False
    defines: frozenset[str] = frozenset()

    @property
    def pairs_signed(self) -> bool:
        """The kernels on the D unit round halves below zero as well."""
        return "MLBENCH_TUNED_PAIRS_SIGNED" in self.defines

    @property
    def channels(self) -> int:
        """The channels of all 3x3 depthwise layers, which the assembler knows; 0 if they differ."""
        return self._value(CHANNELS)

    @property
    def saved_per_pair(self) -> int:
        """Instructions that a pair in a tile of gemm_pairs.S saves: two shifts if all layers have
        whole words of channels, two addresses if the assembler knows their number."""
        knows_pitch = 0 < self._value(PAIRS_PITCH) * 6 <= 2047
        return 2 * (PAIRS_ANY_CHANNELS not in self.defines) + 2 * knows_pitch

    def _value(self, name: str) -> int:
        """The number that `name` is defined as; 0 if it is not."""
        values = (each.partition("=") for each in self.defines)
        return next((int(value) for key, _, value in values if key == name), 0)


@dataclass(frozen=True)
class Facts:
    """The fields of a struct; those of a struct that it points to are `inner`."""

    struct: Struct
    machine: Machine

    def __getitem__(self, name: str) -> int:
        value = self.struct.fields[name]
        assert isinstance(value, int), f"{name} is no number"
        return value

    def inner(self, name: str) -> Facts:
        """The struct that field `name` points to."""
        value = self.struct.fields[name]
        assert isinstance(value, Struct), f"{name} points to no struct"
        return Facts(value, self.machine)

    def numbers(self, name: str) -> list[int]:
        """A field that is an array of numbers inside the struct."""
        value = self.struct.fields[name]
        assert isinstance(value, str), f"{name} is no array"
        return [int(number) for number in value.strip("{}").split(",")]

    def values(self, name: str) -> NDArray[np.generic]:
        """The array that field `name` points to."""
        value = self.struct.fields[name]
        assert isinstance(value, Array), f"{name} points to no array"
        return value.values

    def all_of(self, name: str) -> list[Facts]:
        """The structs of the pointers that field `name` points to."""
        value = self.struct.fields[name]
        assert isinstance(value, Pointers), f"{name} points to no pointers"
        return [Facts(item, self.machine) for item in value.items if isinstance(item, Struct)]

    def name(self, name: str) -> str:
        """A field that is a C name; empty for a null pointer."""
        value = self.struct.fields[name]
        return value if isinstance(value, str) else ""


def facts(call: KernelCall, machine: Machine) -> Facts | None:
    """The fields of the call's first argument; None unless that is a struct."""
    first = call.arguments[0] if call.arguments else None
    return Facts(first, machine) if isinstance(first, Struct) else None
