"""What every set of tuned kernels has to pass: random layers, on the host and on Spike, equal to
TensorFlow Lite Micro."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from chosen import DRAWN, owners, with_layers

from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.testing import THOROUGH, check_layers

if TYPE_CHECKING:
    from chosen import Cases, Sets

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


def prove_on_host(sets: Sets, variant: str) -> None:
    """The kernels' C, and their assembly's C twins, under the host's sanitizers."""
    features, isa = VARIANTS[variant]

    @with_layers(sets, LowerContext(features, isa, LEVEL["host"]), first=_first(variant))
    def run(cases: Cases) -> None:
        check_layers(
            list(chain(*cases.values())),
            libraries=(TunedLibrary(),),
            features=features,
            isa=isa,
            optimize=LEVEL["host"],
        )


def prove_on_spike(sets: Sets, variant: str) -> Rows:
    """The kernels as they run on the machine; returns the operators of the last batch."""
    features, isa = VARIANTS[variant]
    last: Rows = {}

    @with_layers(sets, LowerContext(features, isa, LEVEL["spike"]), first=_first(variant))
    def run(cases: Cases) -> None:
        for level in LEVELS:
            generated = check_layers(
                list(chain(*cases.values())),
                libraries=(TunedLibrary(),) if features else (),
                features=features,
                isa=isa,
                optimize=level,
                runner="spike",
            )
        names = owners(cases)
        last.clear()
        for row in map(dict, generated.operators):
            last.setdefault(names[row["index"]], []).append(row)

    return last


def _first(variant: str) -> int:
    """Each variant begins with other layers."""
    return list(VARIANTS).index(variant) * DRAWN // len(VARIANTS)
