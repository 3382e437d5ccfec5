"""`python -m pytest_mlbench inspect`: what is said of a model before anything is built."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import synthetic
from tiny_models import dense

from pytest_mlbench.__main__ import main
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.records.record import dumps

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.tflite"
    path.write_bytes(dense().model([3]))
    return path


@pytest.fixture
def refused(tmp_path: Path) -> Path:
    """A SHAPE that is known, and two operators that are not covered."""
    build = GraphBuilder("refused")
    x = build.input("x", (1, 4), scale=0.5, zero_point=3)
    s = build.op("SHAPE", [x], [build.activation("s", (2,), "int32")], out_type=2)
    y = build.op("COS", [x], [build.activation("y", (1, 4), scale=0.5)])
    z = build.op("SOFTMAX", [y], [build.activation("z", (1, 4), scale=0.5)], beta=1.0)
    path = tmp_path / "refused.tflite"
    path.write_bytes(build.model([z, s]))
    return path


def test_a_covered_model(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(good), "--features", "tuned", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["covered"]
    assert found["macs"] == 32
    assert found["weights"] == 32 + 16
    (row,) = found["operators"]
    assert row["name"] == "FULLY_CONNECTED"
    assert row["inputs"] == ["int8 1x8", "int8 4x8", "int32 4"]
    assert row["parameters"] == 36
    assert found["libraries"] == {"tuned": [0]}
    assert row["runs"] == "tuned"
    assert found["arena"]["peak"] >= found["arena"]["bound"] >= 12
    assert found["arena"]["at_peak"] == ["input 0", "0 FULLY_CONNECTED"]


def test_every_obstacle_is_told_with_its_operator(
    refused: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(refused)]) == 1
    said = capsys.readouterr().out
    assert "aot does not cover 2 of 3 operators" in said
    assert "operator 1 COS: not a supported operator" in said
    assert "operator 2 SOFTMAX: its output has scale 0.5" in said
    assert "built in advance" in said


def test_one_bad_file_does_not_keep_the_others_back(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.tflite"
    bad.write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    page = tmp_path / "page.html"
    wanted = [str(bad), "awww", str(tmp_path / "none.tflite"), str(good)]
    assert main(["inspect", *wanted, "--html", str(page)]) == 1
    said = capsys.readouterr().out
    assert "this is a Git LFS pointer" in said
    assert "Did you mean 'aww'?" in said
    assert "No such file" in said
    assert "aot covers its operator" in said
    text = page.read_text(encoding="utf-8")
    assert text.count("<section>") == 4
    assert "<svg" in text
    assert "<script" not in text


def test_the_other_backend_has_other_obstacles(
    good: Path, refused: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")
    assert main(["inspect", str(good), str(refused), "--backend", "tflmi", "--json"]) == 1
    found, other = json.loads(capsys.readouterr().out)
    assert found["covered"]
    assert found["arena"] is None
    assert [row["runs"] for row in found["operators"]] == ["tflm"]
    (problem,) = other["problems"]
    assert problem.startswith("tflite-micro ")
    assert "Node SOFTMAX (number 2) failed to prepare" in problem


def test_without_the_interpreter_the_list_of_kernels_decides(
    refused: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pytest_mlbench.measure.validation.asked.REFERENCES", ())
    assert main(["inspect", str(refused), "--backend", "tflmi"]) == 0
    assert "tflmi covers all 3 operators" in capsys.readouterr().out


def test_it_says_how_to_convert_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = GraphBuilder("old")
    x = build.input("x", (1, 4), "uint8", scale=0.5, zero_point=128)
    y = build.activation("y", (1, 4), "uint8", scale=0.5, zero_point=128)
    build.op("LOGISTIC", [x], [y])
    path = tmp_path / "old.tflite"
    path.write_bytes(build.model([y]))
    assert main(["inspect", str(path)]) == 1
    said = capsys.readouterr().out
    assert "old.tflite: aot does not cover its operator" in said
    assert said.endswith("uint8 is TensorFlow 1's scheme\n")


def test_an_unknown_isa_is_refused(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(good), "--isa", "rv99"]) != 0
    assert "rv99" in capsys.readouterr().err


def test_a_model_of_the_zoo_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "aww_twin", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["macs"] == 2_656_768
    assert np.sum([row["macs"] for row in found["operators"]]) == found["macs"]


def test_the_twin_takes_the_place_of_a_model_that_cannot_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MLBENCH_MIRROR", raising=False)
    monkeypatch.setenv("MLBENCH_CACHE", str(tmp_path))
    assert main(["inspect", "toycar", "--offline"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("toycar_twin: aot covers all 10 operators")
    assert "toycar is not available here; toycar_twin, with the same layers, is" in shown.err


def test_predictions_are_shown_and_measured_instructions_beside_them(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, page = tmp_path / "results.json", tmp_path / "page.html"
    arguments = ["inspect", str(good), "--features", "tuned", "--isa", "rv32imc"]
    assert main([*arguments, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    (row,) = found["operators"]
    assert row["kernel"].startswith("fully_connected_4")
    assert 100 < row["predicted"] < 1000
    record = synthetic.record("good")
    measured = replace(
        record,
        params={**record.params, "features": ["tuned"], "isa": "rv32imc"},
        provenance={**record.provenance, "model_sha256": found["sha256"]},
        operators=({"index": 0, "name": "FULLY_CONNECTED", "cycles": 400, "instructions": 200},),
    )
    results.write_text(dumps([measured]), encoding="utf-8")
    assert main([*arguments, "--results", str(results), "--html", str(page)]) == 0
    said = capsys.readouterr().out
    off = 100 * (row["predicted"] - 200) / 200
    assert f"{row['predicted']:,}         200  {off:+.1f} %" in said
    assert f"predicted for all 1 operators that run: {row['predicted']:,} instructions" in said
    assert "<th>measured</th>" in page.read_text(encoding="utf-8")


def test_results_without_a_profile_of_the_model_are_refused(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.json"
    results.write_text(dumps([synthetic.record("other")]), encoding="utf-8")
    arguments = ["inspect", str(good), "--results", str(results)]
    assert main(arguments) == 2
    assert "Add --features" in capsys.readouterr().err
    assert main([*arguments, "--features", "tuned"]) == 2
    said = capsys.readouterr().err
    assert "no profile of" in said
    assert "--mlbench-profile" in said
