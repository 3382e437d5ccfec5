"""What every set of tuned kernels has to pass: random layers, on the host and on Spike, equal to
TensorFlow Lite Micro."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from chosen import DRAWN, owners, with_layers

from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.testing import THOROUGH, check_layers

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

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


def on_runners(variants: Iterable[str], on_host: Container[str]) -> pytest.MarkDecorator:
    """Parameters `variant` and `runner` of a test: the kernels' C, and their assembly's C twins,
    under the host's sanitizers for those of `on_host`; then the kernels as they run on Spike, which
    has no Xpulp. Both take the same layers, whose model is planned and interpreted once."""
    return pytest.mark.parametrize(
        ("variant", "runner"),
        [
            pytest.param(variant, runner, marks=[pytest.mark.spike] * (runner == "spike"))
            for variant in variants
            for runner in ("host", "spike")
            if (variant in on_host if runner == "host" else variant != "xpulp")
        ],
    )


def prove(sets: Sets, variant: str, runner: str, *, drawn: int = DRAWN) -> Rows:
    """Random layers, `drawn` of each set to choose from, equal TensorFlow Lite Micro's on `runner`.

    Returns the operators of the last batch.
    """
    features, isa = VARIANTS[variant]
    last: Rows = {}

    @with_layers(sets, LowerContext(features, isa, "3"), first=_first(variant), drawn=drawn)
    def run(cases: Cases) -> None:
        for level in LEVELS if runner == "spike" else (LEVEL[runner],):
            generated = check_layers(
                list(chain(*cases.values())),
                libraries=(TunedLibrary(),) if features else (),
                features=features,
                isa=isa,
                optimize=level,
                runner=runner,
            )
        names = owners(cases)
        last.clear()
        for row in map(dict, generated.operators):
            last.setdefault(names[row["index"]], []).append(row)

    return last


def _first(variant: str) -> int:
    """Each variant begins with other layers."""
    return list(VARIANTS).index(variant) * DRAWN // len(VARIANTS)
