"""The worked example of docs/kernel-library.md is what the page shows, and really runs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from libraries.example import mine

from pytest_mlbench.builtin import registry
from pytest_mlbench.testing import LAYERS, check_layers, given_layers

if TYPE_CHECKING:
    from pytest_mlbench.testing import LayerCase

registry()  # pytester forgets what its runs import, and numpy cannot be imported twice
EXAMPLE = Path(__file__).with_name("example")
PAGE = Path(__file__).parents[2] / "docs" / "kernel-library.md"
FILES = {"conftest.py": "mine.py", "mine.c": "mine.c", "mine.h": "mine.h"}
BENCH = {"test_mine.py": "bench_mine.py"}


@pytest.mark.parametrize("name", sorted({**FILES, **BENCH}.values()))
def test_the_page_shows_the_files_as_they_are(name: str) -> None:
    assert (EXAMPLE / name).read_text() in PAGE.read_text()


def test_random_layers_are_bit_exact() -> None:
    @given_layers(LAYERS["FULLY_CONNECTED"])
    def check(cases: list[LayerCase]) -> None:
        made = check_layers(cases, libraries=(mine.Mine(),), features=("mine",))
        assert {row["library"] for row in made.operators} == {"mine"}

    check()


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of somebody else's with the example in it."""
    for name in [name for name in os.environ if name.startswith("MLBENCH_")]:
        if name not in ("MLBENCH_CACHE", "MLBENCH_MIRROR"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    for name, source in {**FILES, **BENCH}.items():
        (pytester.path / name).write_text((EXAMPLE / source).read_text())
    return pytester


def records(project: pytest.Pytester, *arguments: str) -> dict[str, dict[str, object]]:
    path = project.path / "results.json"
    project.runpytest_inprocess(
        "-p", "no:benchmark", "-p", "no:hypothesispytest", f"--mlbench-json={path}", *arguments
    )
    found = json.loads(path.read_text())["records"]
    if any(row["outcome"] == "skipped" for row in found):
        pytest.skip(found[0]["reason"])
    return {"+".join(row["params"]["features"]): row for row in found}


@pytest.mark.spike
def test_the_example_runs_and_is_faster(project: pytest.Pytester) -> None:
    found = records(project)
    assert {row["outcome"] for row in found.values()} == {"passed"}, found
    mine_, reference = found["mine"], found[""]
    assert {row["library"] for row in mine_["operators"]} == {"mine"}
    assert {row["library"] for row in reference["operators"]} == {"reference"}
    assert mine_["metrics"]["run_instructions"] < reference["metrics"]["run_instructions"]
    assert "mine" in mine_["components"]


@pytest.mark.spike
def test_a_compile_error_is_the_compilers_own(project: pytest.Pytester) -> None:
    source = project.path / "mine.c"
    source.write_text(source.read_text().replace("int32_t products = 0,", "int32_t products = ;"))
    found = records(project)
    assert found[""]["outcome"] == "passed"
    assert found["mine"]["outcome"] == "failed"
    assert "mine.c:" in str(found["mine"]["reason"])
    assert "error: expected expression" in str(found["mine"]["reason"])
    assert "build.log" in str(found["mine"]["reason"])


@pytest.mark.spike
def test_a_wrong_kernel_fails_by_sample_and_element(project: pytest.Pytester) -> None:
    source = project.path / "mine.c"
    source.write_text(source.read_text().replace("value + params->output_offset", "value"))
    found = records(project)
    assert found[""]["outcome"] == "passed"
    assert found["mine"]["outcome"] == "failed"
    assert "sample 0" in str(found["mine"]["reason"])


@pytest.mark.spike
def test_a_library_compiled_for_another_abi_does_not_link(project: pytest.Pytester) -> None:
    """The ABI of every component is the firmware's. One that brings its own is refused by the
    linker."""
    library = project.path / "conftest.py"
    library.write_text(
        library.read_text().replace("public=True", 'public=True, options=("-mabi=ilp32",)')
    )
    found = records(project, "-k", "mine")
    row = found["mine"]
    assert row["outcome"] == "failed"
    assert "soft-float modules with double-float modules" in str(row["reason"])
