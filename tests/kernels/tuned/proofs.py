"""What every set of tuned kernels has to pass: random layers, on the host and on Spike, equal to
TensorFlow Lite Micro."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.testing import THOROUGH, check_layers, given_layers

if TYPE_CHECKING:
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


def prove_on_host(layers: SearchStrategy[LayerCase], variant: str, *, few: int) -> None:
    """The kernels' C, and their assembly's C twins, under the host's sanitizers."""
    features, isa = VARIANTS[variant]

    @given_layers(layers, few=few)
    def run(cases: list[LayerCase]) -> None:
        check_layers(cases, libraries=(TunedLibrary(),), features=features, isa=isa)

    run()


def prove_on_spike(
    layers: SearchStrategy[LayerCase], variant: str, *, few: int
) -> list[dict[str, Any]]:
    """The kernels as they run on the machine; returns the operators of the last batch."""
    features, isa = VARIANTS[variant]
    last: list[dict[str, Any]] = []

    @given_layers(layers, few=few)
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
        last[:] = map(dict, generated.operators)

    run()
    return last
