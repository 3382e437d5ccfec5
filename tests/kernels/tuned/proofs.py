"""What every set of tuned kernels has to pass: random layers, on the host and on Spike, equal to
TensorFlow Lite Micro."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.testing import THOROUGH, check_layers, given_layers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hypothesis.strategies import SearchStrategy

    from pytest_mlbench.testing import LayerCase

VARIANTS = {
    "none": ((), "rv32gc"),
    "tuned": (("tuned",), "rv32gc"),
    "rv32imc": (("tuned",), "rv32imc"),
    "rv64": (("tuned",), "rv64gc"),
    "dext": (("tuned", "dext"), "rv32gc"),
    "dext-rv64": (("tuned", "dext"), "rv64gc"),
    "xpulp": (("tuned", "xpulp"), "rv32imc_xpulp"),
    "vext128": (("tuned", "vext"), "rv32gcv_zvl128b"),
    "vext256": (("tuned", "vext"), "rv32gcv_zvl256b"),
    "vext512": (("tuned", "vext"), "rv32gcv_zvl512b"),
    "vext1024": (("tuned", "vext"), "rv32gcv_zvl1024b"),
}
"""Name -> features and ISA."""

LEVELS = ("0", "s", "2", "3") if THOROUGH else ("3",)
"""Every layer runs on Spike at each of these."""


LEVEL = {"host": "0", "spike": "3"}
"""Runner -> the level of tests that run at one only. Firmware with equal kernels shares them; the
host's compiler takes half as long with sanitizers at -O0 as at -O1."""

Rows = dict[str, list[dict[str, Any]]]
"""Name of a set of layers -> the rows of its layers' operators."""


def prove_on_host(sets: Mapping[str, SearchStrategy[LayerCase]], variant: str, *, few: int) -> None:
    """The kernels' C, and their assembly's C twins, under the host's sanitizers.

    `few` layers of each set are drawn, for one program.
    """
    features, isa = VARIANTS[variant]

    @given_layers(*sets.values(), few=few)
    def run(cases: list[LayerCase]) -> None:
        check_layers(
            cases,
            libraries=(TunedLibrary(),),
            features=features,
            isa=isa,
            optimize=LEVEL["host"],
        )

    run()


def prove_on_spike(
    sets: Mapping[str, SearchStrategy[LayerCase]], variant: str, *, few: int
) -> Rows:
    """The kernels as they run on the machine; returns the operators of the last batch.

    `few` layers of each set are drawn, for one firmware. A thorough run takes one set at a time.
    """
    features, isa = VARIANTS[variant]
    last: Rows = {}

    @given_layers(*sets.values(), few=few)
    def run(cases: list[LayerCase]) -> None:
        for level in LEVELS:
            generated = check_layers(
                cases,
                libraries=(TunedLibrary(),) if features else (),
                features=features,
                isa=isa,
                optimize=level,
                runner="spike",
            )
        names = list(owners(cases, list(sets)))
        last.clear()
        for row in map(dict, generated.operators):
            last.setdefault(names[row["index"]], []).append(row)

    run()
    return last


def owners(cases: Sequence[LayerCase], names: Sequence[str]) -> Iterator[str]:
    """The name of the set from which each operator comes: the sets follow each other, and each has
    as many layers as the others."""
    each = len(cases) // len(names)
    assert each * len(names) == len(cases)
    for number, case in enumerate(cases):
        for _ in case.graph.operators:
            yield names[number // each]
