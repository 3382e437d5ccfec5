"""The tuned kernels' C, and their assembly's C twins, under the host's sanitizers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proofs import prove_on_host
from shapes import AVERAGES, USUAL

from pytest_mlbench import process
from pytest_mlbench.kernels.tuned.library import FOLDER
from pytest_mlbench.testing import LAYERS, host

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

ON_HOST = ("tuned", "rv64", "dext", "xpulp", "vext128", "vext512")
KINDS = (
    "ADD",
    "AVERAGE_POOL_2D",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "FULLY_CONNECTED",
    "HARD_SWISH",
    "LEAKY_RELU",
    "LOGISTIC",
    "MAX_POOL_2D",
    "MEAN",
    "MUL",
    "QUANTIZE",
    "RELU",
    "RELU6",
    "SOFTMAX",
    "SUB",
    "TANH",
)
SETS = {
    **{f"any-{kind}": LAYERS[kind] for kind in KINDS},
    **{f"usual-{k}": USUAL[k] for k in USUAL},
}
WORDS = {f"words-{kind}": layers for kind, layers in AVERAGES.items()}


def test_the_compiler_warns_of_nothing_at_a_level_at_which_it_follows_values(
    tmp_path: Path,
) -> None:
    """Sanitizers run at -O0, at which uninitialised variables are not seen."""
    package = FOLDER.parents[1]
    includes = ("firmware/include", "kernels/include", "kernels/tuned/include")
    flags = ["-O1", *host.WARNINGS, "-DMLBENCH_TUNED_VLENB=16"]
    flags += [f"-I{package / folder}" for folder in includes]
    sources = sorted(FOLDER.rglob("*.c"))
    assert sources
    done = process.run([host.compiler(), *flags, "-c", *sources], cwd=tmp_path, timeout=600)
    assert done.returncode == 0, done.error_text


@pytest.mark.kinds(sorted(SETS), at_once=len(SETS))
@pytest.mark.parametrize("variant", ON_HOST)
def test_no_sanitizer_complains_and_outputs_are_equal(kinds: list[str], variant: str) -> None:
    prove_on_host({kind: SETS[kind] for kind in kinds}, variant)


@pytest.mark.kinds(sorted(WORDS), at_once=2)
def test_no_sanitizer_complains_of_whole_words(kinds: list[str]) -> None:
    prove_on_host({kind: WORDS[kind] for kind in kinds}, "xpulp")
