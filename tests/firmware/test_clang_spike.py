"""Firmware made by Debian's clang-19: exact and reproducible; skipped where it is not to be had."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.case import Case
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.measure.chain import Chain, run_case
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.settings import Settings

if TYPE_CHECKING:
    from pytest_mlbench.measure.registry import Registry

pytestmark = pytest.mark.spike

CLANG = {"toolchain": "clang-19"}


@pytest.fixture(scope="module")
def toolbox() -> Toolbox:
    """A toolbox that has clang-19, or a skip."""
    cache = Path(os.environ["MLBENCH_CACHE"])
    made = Toolbox(Settings(cache=cache, toolchains=("gcc", "clang-19"), samples=2))
    try:
        made.toolchain("rv32gc", "clang-19")
    except Unavailable as error:
        pytest.skip(str(error))
    return made


@pytest.mark.parametrize(
    ("features", "level", "isa", "config"),
    [
        (("tuned",), "3", "rv32imc", {}),
        (("tuned", "vext"), "3", "", {}),
        (("autovec",), "3", "rv64gcv_zvl256b", {}),
        ((), "s", "", {"lto": "on"}),
    ],
    ids=str,
)
def test_a_model_is_exact(
    features: tuple[str, ...],
    level: str,
    isa: str,
    config: dict[str, str],
    toolbox: Toolbox,
    known: Registry,
) -> None:
    case = Case("toycar_twin", "aot", features, level, isa=isa, config=config, choices=CLANG)
    record = run_case(case, toolbox, known)
    assert record.outcome == "passed", record.reason
    assert record.validation["matched"] == record.validation["samples"] > 0
    assert "-clang-19" in record.case
    assert record.params["toolchain"] == "clang-19"
    assert record.provenance["toolchain"].startswith("clang 19.")
    assert sum(part["rom"] for part in record.components.values()) == record.metrics["rom_total"]


def test_a_build_in_another_place_is_the_same_file(
    toolbox: Toolbox, known: Registry, tmp_path: Path
) -> None:
    case = Case("toycar_twin", "aot", ("tuned",), "3", isa="rv32imc", choices=CLANG)
    usual = Chain(case, toolbox, known).firmware
    place = tmp_path / "another place"
    place.mkdir()
    for kind in ("debian", "tools"):
        if (toolbox.cache.root / kind).is_dir():
            (place / kind).symlink_to(toolbox.cache.root / kind)
    here = Toolbox(Settings(cache=place, offline=True, toolchains=("clang-19",)))
    found = Chain(case, here, known).firmware
    assert found.elf.is_relative_to(place)
    assert found.sha256 == usual.sha256
    assert str(tmp_path) not in found.elf.read_bytes().decode("latin-1")
