"""`inspect` for a choice of options: a run's refusals, and that choice's plan and kernels."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import synthetic

from pytest_mlbench.__main__ import main
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.records.record import dumps

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def pooled(tmp_path: Path) -> Path:
    """A convolution to 8 channels, 32 by 16, and a pool: in bands, it needs less memory."""
    build = GraphBuilder("pooled")
    x = build.input("x", (1, 32, 16, 1), scale=0.5)
    weights = (np.arange(72) % 19 - 9).reshape(8, 3, 3, 1).astype(np.int8)
    w = build.constant("w", weights, scale=[0.5] * 8, axis=0)
    b = build.constant("b", np.arange(8, dtype=np.int32), scale=[0.25] * 8)
    y = build.activation("y", (1, 32, 16, 8), scale=0.75)
    build.op("CONV_2D", [x, w, b], [y], padding="SAME", stride_h=1, stride_w=1)
    z = build.activation("z", (1, 16, 8, 8), scale=0.75)
    sizes = {"filter_height": 2, "filter_width": 2, "stride_h": 2, "stride_w": 2}
    build.op("MAX_POOL_2D", [y], [z], padding="VALID", **sizes)
    path = tmp_path / "pooled.tflite"
    path.write_bytes(build.model([z]))
    return path


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["inspect", *arguments, "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert isinstance(one, dict)
    return one


def test_the_plan_and_the_predictions_are_those_of_the_choice(
    pooled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    choice = [str(pooled), "--features", "tuned"]
    usual = found(capsys, *choice)
    slim = found(capsys, *choice, "--config", "prefer=ram")
    assert (usual["config"], slim["config"]) == ({}, {"prefer": "ram"})
    assert usual["arena"]["kernels"] == slim["arena"]["kernels"] == ["tuned"]
    assert slim["arena"]["peak"] < 0.75 * usual["arena"]["peak"]
    for one in (usual, slim):
        each = [row["predicted"] for row in one["operators"]]
        assert one["predicted"] == sum(number or 0 for number in each)
        assert one["unpredicted"] == [place for place, number in enumerate(each) if number is None]
    page = tmp_path / "page.html"
    assert main(["inspect", *choice, "--config", "prefer=ram", "--html", str(page)]) == 0
    for text in (capsys.readouterr().out, page.read_text(encoding="utf-8")):
        assert "ith features tuned, rv32gc, -O3, prefer=ram" in text
        assert f"{slim['arena']['peak']:,} bytes, no plan below" in text
        assert f"that run: {slim['predicted']:,} instructions" in text


def test_bands_are_shown_as_they_live(pooled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    choice = [str(pooled), "--features", "tuned"]
    usual = found(capsys, *choice)["arena"]
    slim = found(capsys, *choice, "--config", "prefer=ram")["arena"]
    assert usual["order"] == []
    assert set(slim["order"]) == {0, 1}
    assert slim["steps"] == len(slim["order"]) + 2 > 6
    bands = [row for row in slim["rows"] if row["name"] == "0 CONV_2D"]
    assert len(bands) > 1
    assert all(row["last"] == row["first"] + 1 for row in bands)
    assert len({row["first"] for row in bands}) == len(bands)
    assert main(["inspect", *choice, "--config", "prefer=ram"]) == 0
    step = slim["step"]
    words = f"in step {step} of {slim['steps'] - 1}, operator {slim['order'][step - 1]}: "
    assert words in capsys.readouterr().out


def test_features_bring_their_extensions(pooled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def kernels(*options: str) -> tuple[str, str]:
        one = found(capsys, str(pooled), "--features", "tuned,vext", *options)
        return one["isa"], one["operators"][0]["kernel"]

    assert kernels()[0] == "rv32gcv"
    assert kernels("--vlen", "512")[0] == "rv32gcv_zvl512b"
    assert kernels()[1].startswith("vector_")
    one = found(capsys, str(pooled), "--features", "tuned", "--target", "cv32e40p")
    assert one["isa"].startswith("rv32imc")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--features", "tunde"], "unknown feature 'tunde'. Did you mean 'tuned'?"),
        (["--features", "dext"], "feature 'dext' requires 'tuned'. Write --mlbench-features"),
        (["--features", "tuned", "--config", "prefr=ram"], "'prefr'. Did you mean 'prefer'?"),
        (["--features", "tuned", "--config", "prefer=rams"], "Did you mean 'ram'?"),
        (["--config", "prefer"], "--mlbench-config"),
        (["--vlen", "256"], "no case uses the V extension"),
        (["--vlen", "100"], "--mlbench-vlen"),
        (["--optimize", "4"], "--mlbench-optimize"),
        (["--target", "spiek"], "Did you mean 'spike'?"),
        (["--backend", "atto"], "unknown backend 'atto'"),
        (["--backend", "tflmi", "--features", "tuned"], "can use none of the chosen features"),
        (["--features", "tuned,xpulp"], "xpulp"),
        (["--optimize", "2,3"], "choose 2 cases, and one is inspected at a time"),
    ],
)
def test_what_a_run_refuses_is_refused(
    pooled: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert main(["inspect", str(pooled), *options]) == 2
    assert words in capsys.readouterr().err


def test_only_results_of_the_same_choice_are_shown(
    pooled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    choice = [str(pooled), "--features", "tuned"]
    usual = found(capsys, *choice)
    results = tmp_path / "results.json"
    record = synthetic.record("pooled")
    same = {"features": ["tuned"], "isa": "rv32gc", "optimize": "3", "config": {}}
    measured = replace(
        record,
        params={**record.params, **same},
        provenance={**record.provenance, "model_sha256": usual["sha256"]},
        operators=({"index": 0, "name": "CONV_2D", "cycles": 400, "instructions": 200},),
    )
    results.write_text(dumps([measured]), encoding="utf-8")
    choice += ["--results", str(results)]
    assert [row["measured"] for row in found(capsys, *choice)["operators"]] == [200, None]
    for other, words in (("--config=prefer=ram", "-O3, prefer=ram"), ("--optimize=s", "-Os")):
        assert main(["inspect", *choice, other]) == 2
        assert f"with features tuned on rv32gc at {words}" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["", "file/page.html"])
def test_a_page_that_cannot_be_written_is_told(
    pooled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    page = tmp_path / place
    assert main(["inspect", str(pooled), "--html", str(page)]) == 2
    assert f"error: {page}: cannot write it: " in capsys.readouterr().err


def test_folders_of_a_page_are_made(pooled: Path, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "today" / "page.html"
    assert main(["inspect", str(pooled), "--html", str(page)]) == 0
    assert "pooled" in page.read_text(encoding="utf-8")
