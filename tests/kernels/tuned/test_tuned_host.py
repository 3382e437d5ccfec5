"""The tuned kernels' C as the host's compiler sees it, and layers for Xpulp alone under sanitizers.

The other layers are in test_tuned_layers.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proofs import prove
from shapes import AVERAGES

from pytest_mlbench import process
from pytest_mlbench.kernels.tuned.library import FOLDER
from pytest_mlbench.testing import host

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

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


@pytest.mark.kinds(sorted(WORDS), at_once=2)
def test_no_sanitizer_complains_of_whole_words(kinds: list[str]) -> None:
    prove({kind: WORDS[kind] for kind in kinds}, "xpulp", "host")
