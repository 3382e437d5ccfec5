"""The networks of `benchmarks/` by prediction: kernels, instructions, memory."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.kernels.interface import no_sources
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.models.tflite.reader import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.models.tflite.graph import Graph

VLENS = (128, 256, 512, 1024)
SETS = {
    "tuned": (("tuned",), "{}gc"),
    "dext": (("tuned", "dext"), "{}gc"),
    **{f"vext{vlen}": (("tuned", "vext"), f"{{}}gcv_zvl{vlen}b") for vlen in VLENS},
}
"""Set of features -> the features, and the ISA after `rv32` or `rv64`."""

LARGE = (
    "ds_cnn_l",
    "efficientnet_lite",
    "mobilenet_v1_0.25_128",
    "mobilenet_v1_0.5_96",
    "mobilenet_v2_0.35_96",
    "person_detect",
)
"""The networks that take most of the time."""


@dataclass(frozen=True)
class Predicted:
    """A network with one set of features.

    peak          of memory, in bytes
    instructions  per operator, predicted; None if its kernel has no formula
    """

    peak: int
    instructions: tuple[int | None, ...]


@cache
def networks() -> dict[str, Callable[[str], bytes]]:
    """The networks of `benchmarks/` by name."""
    folder = str(Path(__file__).parents[2] / "benchmarks")
    sys.path.insert(0, folder)
    try:
        from networks import NETWORKS
    finally:
        sys.path.remove(folder)
    return NETWORKS


@cache
def graph(name: str) -> Graph:
    """The graph of a network."""
    return read(networks()[name](name))


@cache
def predicted(name: str, features: str, xlen: str = "rv32", prefer: str = "cycles") -> Predicted:
    """A network of `networks` with a set of `SETS`, at -O3."""
    chosen, isa = SETS[features]
    made = AotBackend().generate(
        GenerateRequest(
            graph=graph(name),
            model_data=b"",
            libraries=(TunedLibrary(),),
            features=chosen,
            isa=isa.format(xlen),
            optimize="3",
            config={"prefer": prefer},
            sources=no_sources,
        )
    )
    rows: tuple[Any, ...] = made.operators
    return Predicted(made.arena_peak, tuple(row.get("predicted") for row in rows))


def both(one: Predicted, other: Predicted) -> tuple[int, int]:
    """The sums of instructions of the operators that have a prediction in both."""
    known = [
        (before, after)
        for before, after in zip(one.instructions, other.instructions, strict=True)
        if before is not None and after is not None
    ]
    return sum(before for before, _ in known), sum(after for _, after in known)
