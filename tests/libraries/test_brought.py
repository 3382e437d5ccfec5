"""A kernel library brings an operator of its own, as docs/kernel-library.md shows it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from libraries.brought.saturn import Saturn

from pytest_mlbench.__main__ import main
from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.builtin import registry
from pytest_mlbench.errors import UsageError
from pytest_mlbench.kernels.interface import no_sources
from pytest_mlbench.models.operators.numpy_reference import execute
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.models.tflite.reader import read

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph

registry()  # pytester forgets what its runs import, and numpy cannot be imported twice
HERE = Path(__file__).with_name("brought")
PAGE = Path(__file__).parents[2] / "docs" / "kernel-library.md"


def scaling(factor: bytes = b"\x03") -> bytes:
    """RELU, the custom operator, RELU."""
    build, known = GraphBuilder("scaling"), {"scale": 0.5, "zero_point": 1}
    x = build.input("x", (1, 20), **known)
    value = build.op("RELU", [x], [build.activation("a", (1, 20), **known)])
    scaled = build.activation("b", (1, 20), **known)
    value = build.op("SaturatingScale", [value], [scaled], custom_options=factor)
    return build.model([build.op("RELU", [value], [build.activation("c", (1, 20), **known)])])


def request(graph: Graph, *libraries: Saturn) -> GenerateRequest:
    return GenerateRequest(graph, b"", libraries, (), "rv32gc", "s", {}, no_sources)


def test_options_of_a_custom_operator_are_read_and_written() -> None:
    assert read(scaling(b"\x01\xff")).operators[1].options == {"custom_options": b"\x01\xff"}
    assert not read(scaling(b"")).operators[1].options.get("custom_options")


def test_a_library_is_asked_before_a_refusal() -> None:
    graph = read(scaling())
    made = AotBackend().generate(request(graph, Saturn()))
    assert made.operators[1]["library"] == "saturn"
    with pytest.raises(UsageError, match="operator 1 SaturatingScale: not a supported operator"):
        AotBackend().generate(request(graph))


def test_what_the_library_does_not_take_is_refused_with_its_reason() -> None:
    with pytest.raises(UsageError, match="operator 1 SaturatingScale: not a supported operator"):
        AotBackend().generate(request(read(scaling(b"two")), Saturn()))


def test_its_reference_takes_part_in_numpy() -> None:
    graph = read(scaling())
    names, known = AotBackend().references(request(graph, Saturn()))
    assert (names, list(known)) == ("saturn", [1])
    values = np.arange(-10, 10, dtype=np.int8)
    ((found,),) = execute(graph, [[values.tobytes()]], brought=known)
    wanted = np.clip(np.maximum(np.maximum(values.astype(int), 1) * 3, 1), -128, 127)
    assert np.frombuffer(found, np.int8).tolist() == wanted.tolist()
    assert AotBackend().references(request(graph)) == ("", {})


def test_inspect_asks_it_as_a_run_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "conftest.py").write_text((HERE / "saturn.py").read_text())
    (tmp_path / "good.tflite").write_bytes(scaling())
    (tmp_path / "bad.tflite").write_bytes(scaling(b"two"))
    monkeypatch.chdir(tmp_path)
    asked = ["inspect", "good.tflite", "--json"]
    assert main(asked) == 1
    assert not json.loads(capsys.readouterr().out)[0]["covered"]
    assert main([*asked, "--features", "saturn"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["operators"][1]["runs"] == "saturn"
    assert found["libraries"] == {"saturn": [1]}
    assert found["arena"]["peak"] >= 20
    assert main(["inspect", "bad.tflite", "good.tflite", "--features", "saturn"]) == 1
    said = capsys.readouterr().out
    assert "operator 1 SaturatingScale: not a supported operator" in said
    assert "good.tflite: aot covers all 3 operators" in said


@pytest.mark.parametrize("name", ["saturn.py"])
def test_the_page_shows_the_library_as_it_is(name: str) -> None:
    assert (HERE / name).read_text() in PAGE.read_text()


@pytest.mark.spike
def test_it_runs_on_spike_and_is_compared(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("MLBENCH_")]:
        if name not in ("MLBENCH_CACHE", "MLBENCH_MIRROR"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    for source, name in {"saturn.py": "conftest.py", "saturn.c": "saturn.c"}.items():
        (pytester.path / name).write_text((HERE / source).read_text())
    (pytester.path / "saturn.h").write_text((HERE / "saturn.h").read_text())
    (pytester.path / "scaling.tflite").write_bytes(scaling())
    pytester.makepyfile(
        "import pytest\n"
        "@pytest.mark.mlbench(models=['scaling.tflite'], features=['saturn'])\n"
        "def test_scaling(mlbench):\n"
        "    mlbench.run()\n"
    )
    path = pytester.path / "results.json"

    def run() -> dict:
        pytester.runpytest_inprocess(
            "-p", "no:benchmark", "-p", "no:hypothesispytest", f"--mlbench-json={path}"
        )
        (record,) = json.loads(path.read_text())["records"]
        return record

    record = run()
    if record["outcome"] == "skipped":
        pytest.skip(record["reason"])
    assert record["outcome"] == "passed", record
    assert record["validation"]["matched"] == 10
    assert "in numpy with saturn" in record["validation"]["reference"]
    assert record["operators"][1]["kernel"] == "saturating_scale"
    wrong = (HERE / "saturn.c").read_text().replace("params->factor;", "params->factor + 1;")
    (pytester.path / "saturn.c").write_text(wrong)
    record = run()
    assert record["outcome"] == "failed"
    assert "got" in record["reason"]
