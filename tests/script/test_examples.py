"""The examples run as they are, with what can be had here."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pytest_mlbench import process
from pytest_mlbench.records import record

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOK = EXAMPLES / "compare_libraries.ipynb"


def test_the_notebook_is_committed_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@pytest.mark.spike
def test_the_script_runs(tmp_path: Path) -> None:
    done = process.run(
        [sys.executable, EXAMPLES / "compare_libraries.py", "--output", tmp_path / "out"],
        timeout=900,
        cwd=tmp_path,
    )
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
def test_the_notebook_runs(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    book = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(
        book, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env={**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"})
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] == "error"]
    shown = [output.get("data", {}) for output in outputs]
    assert sum("image/png" in data for data in shown) == 4
    assert any("Total Cycles change" in data.get("text/html", "") for data in shown)
