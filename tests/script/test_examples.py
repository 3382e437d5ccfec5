"""The examples run as they are, with what can be had here."""

from __future__ import annotations

import json
import os
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tiny_models import dense

from pytest_mlbench import process
from pytest_mlbench.records import record

if TYPE_CHECKING:
    from warm_programs import Server

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOK = EXAMPLES / "compare_libraries.ipynb"


def test_the_notebook_is_committed_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_both_compare_the_published_models_unless_others_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLBENCH_OFFLINE", "1")
    script = runpy.run_path(str(EXAMPLES / "compare_libraries.py"))
    cases = {case.name for case in script["study"](script["PUBLISHED"]).cases}
    assert len(cases) == 28
    [parameters] = [
        cell for cell in json.loads(NOTEBOOK.read_text())["cells"]
        if "parameters" in cell["metadata"].get("tags", [])
    ]  # fmt: skip
    assert (
        json.loads("".join(parameters["source"]).removeprefix("models = ")) == script["PUBLISHED"]
    )


@pytest.fixture
def models(tmp_path: Path) -> list[str]:
    """Two that are simulated in a moment: one of the zoo, one of the user's own."""
    mine = tmp_path / "mine.tflite"
    mine.write_bytes(dense().model([3]))
    return ["toycar", str(mine)]


@pytest.mark.spike
def test_the_script_runs(tmp_path: Path, models: list[str], warm: Server) -> None:
    warm.program(tmp_path / "python")
    # In one process; the notebook's study runs in two.
    words = [EXAMPLES / "compare_libraries.py", "--workers", "1", "--output", tmp_path / "out"]
    done = process.run([tmp_path / "python", *words, *models], timeout=900, cwd=tmp_path)
    assert done.returncode == 0, done.error_text
    rows = record.loads((tmp_path / "out" / "results.json").read_text())
    assert len(rows) == 28
    assert not [row.reason for row in rows if row.outcome == "failed"]
    for row in rows:
        if row.outcome == "passed":
            assert row.validation["matched"] == row.validation["samples"] > 0
        else:
            assert row.reason
            assert row.case in done.text
    plain = [row for row in rows if row.params["backend"] == "aot" and not row.params["features"]]
    if all(row.outcome == "passed" for row in plain):
        assert (tmp_path / "out" / "total_cycles.png").stat().st_size > 1000


@pytest.mark.spike
def test_the_notebook_runs(tmp_path: Path, models: list[str]) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    book = nbformat.read(NOTEBOOK, as_version=4)
    for cell in book.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = f"models = {models!r}"
    client = nbclient.NotebookClient(
        book, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env={**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"})
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] == "error"]
    shown = [output.get("data", {}) for output in outputs]
    assert sum("image/png" in data for data in shown) == 4
    assert any("Total Cycles change" in data.get("text/html", "") for data in shown)
