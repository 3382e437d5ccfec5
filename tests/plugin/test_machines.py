"""Runs on several machines, and on one whose cache or mirror cannot be used."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


STAND_IN = """
from pytest_mlbench.models.model import Model

def pytest_mlbench_models():
    return [Model("zoo", artifact="toycar/toycar.tflite", twin=lambda: b"")]
"""

TESTS = """
def test_run(mlbench):
    mlbench.run()
"""


@pytest.fixture
def two(bench: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with a model that has a stand-in, and a mirror that has the model's file."""
    from pytest_mlbench.provision import fetch
    from pytest_mlbench.provision.pins import pins

    for name in ("check", "_sha256"):  # the project's conftest replaces them: put them back
        monkeypatch.setattr(fetch, name, getattr(fetch, name))

    pin = pins().artifact("toycar/toycar.tflite")
    place = bench.path / "mirror/files" / pin.sha256
    place.mkdir(parents=True)
    (place / pin.file_name).write_bytes(bytes(pin.size))
    conftest = bench.path / "conftest.py"
    # Any content is right here: whether it is to be had is what counts.
    allow = "import pytest_mlbench.provision.fetch as f; f.check = lambda *_: None\n"
    allow += f"f._sha256 = lambda path: {pin.sha256!r}\n"
    conftest.write_text(conftest.read_text() + STAND_IN + allow)
    bench.makepyfile(TESTS)
    return bench


def names(bench: pytest.Pytester) -> list[str]:
    rows = json.loads((bench.path / "r.json").read_text())["records"]
    return [row["params"]["model"] for row in rows]


@pytest.mark.parametrize("has", ["controller", "workers", "one worker"])
def test_whether_a_stand_in_is_used_is_decided_once(
    two: pytest.Pytester,
    run: Callable[..., pytest.RunResult],
    monkeypatch: pytest.MonkeyPatch,
    has: str,
) -> None:
    mirror, cache = two.path / "mirror", two.path / "cache"
    if has == "controller":
        monkeypatch.setenv("MLBENCH_MIRROR", str(mirror))
    there = ["" if has == "controller" else str(mirror)] * 2
    if has == "one worker":
        there[1] = ""
    empty = two.path / "empty"
    empty.mkdir()
    tx = [
        f"--tx=popen//env:MLBENCH_MIRROR={place or empty}//env:MLBENCH_CACHE={cache}{number}"
        for number, place in enumerate(there)
    ]
    result = run("--dist=load", *tx, "--mlbench-model=zoo", "--mlbench-json=r.json")
    result.assert_outcomes(passed=1)
    assert names(two) == ["zoo" if has == "controller" else "zoo_twin"]


ENVIRONMENTS: list[tuple[str, str, str]] = [
    ("MLBENCH_MIRROR", "http://[::1", "is not a URL"),
    ("MLBENCH_MIRROR", "/no/such/folder", "is not a folder"),
    ("MLBENCH_CACHE", "/proc/none/cache", "cannot be created"),
]


@pytest.mark.parametrize(
    ("variable", "value", "said", "workers"),
    [*((*row, ()) for row in ENVIRONMENTS), *((*row, ("-n1",)) for row in ENVIRONMENTS[-2:])],
)
def test_a_cache_or_mirror_that_cannot_be_used_ends_the_run_with_4(
    two: pytest.Pytester,
    run: Callable[..., pytest.RunResult],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    said: str,
    workers: tuple[str, ...],
) -> None:
    monkeypatch.setenv(variable, value)
    result = run("--mlbench-model=zoo", *workers)
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in text
    assert "INTERNALERROR" not in text


def test_a_path_that_xdist_cannot_send_is_refused(
    bench: pytest.Pytester, run: Callable[..., pytest.RunResult]
) -> None:
    bench.makepyfile(test_far=TESTS)
    remote = ("--dist=load", f"--tx=popen//chdir={bench.path}", "--mlbench-model=good")
    result = run(*remote, "test_far.py")
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "xdist cannot give the path test_far.py to another machine" in text
    assert "INTERNALERROR" not in text
    run(*remote, "-W", "error").assert_outcomes(passed=1)


def test_a_plugin_whose_hook_fails_is_a_sentence(
    bench: pytest.Pytester, run: Callable[..., pytest.RunResult]
) -> None:
    conftest = bench.path / "conftest.py"
    text = conftest.read_text() + "\n\ndef pytest_mlbench_sources():\n    return [1 / 0]\n"
    conftest.write_text(text)
    bench.makepyfile(TESTS)
    result = run("--mlbench-model=good")
    text = result.stdout.str() + result.stderr.str()
    assert "INTERNALERROR" not in text
    assert "a plugin's pytest_mlbench_sources fails: ZeroDivisionError" in text
    assert result.ret == pytest.ExitCode.USAGE_ERROR


LACKING = """
import os

from pytest_mlbench.errors import Unavailable, UsageError
from pytest_mlbench.measure.validation import golden

def _looked_for(self):
    if os.environ.get("FAKE_LACKS") == "named":
        raise UsageError("there is no program gcc-12", remedy="Give its path")
    if "FAKE_LACKS" in os.environ:
        raise Unavailable("there is no compiler on this machine", remedy="Install one")
    return SimpleNamespace(identity="fake gcc 1.0", version="1.0")

FakeChain.toolchain = property(_looked_for)
if "FAKE_REFERENCE" in os.environ:
    golden.EXECUTOR, golden.REFERENCES = os.environ["FAKE_REFERENCE"], ()
"""


@pytest.mark.parametrize(
    ("dist", "lacks"), [("load", "FAKE_LACKS=1"), ("worksteal", "FAKE_REFERENCE=another")]
)
def test_the_cases_of_a_worker_that_lacks_something_go_to_the_others(
    bench: pytest.Pytester, run: Callable[..., pytest.RunResult], dist: str, lacks: str
) -> None:
    conftest = bench.path / "conftest.py"
    conftest.write_text(conftest.read_text() + LACKING)
    bench.makepyfile(TESTS)
    models = ("--mlbench-model=good", "--mlbench-model=other")
    levels = [f"--mlbench-optimize={level}" for level in "012"]
    result = run(
        *(f"--dist={dist}", "-rs", f"--tx=popen//env:{lacks}", "--tx=popen//env:HERE=1"),
        *(*models, *levels, "--mlbench-json=r.json"),
    )
    result.assert_outcomes(passed=6, skipped=1)
    why = {"FAKE_LACKS=1": "there is no compiler on this machine"}.get(lacks, "golden outputs")
    result.stdout.fnmatch_lines([f"SKIPPED*gw0 on * gets no cases that others can run:*{why}*"])
    assert names(bench) == ["good"] * 3 + ["other"] * 3


def test_what_all_workers_lack_is_told_by_each_case(
    bench: pytest.Pytester, run: Callable[..., pytest.RunResult]
) -> None:
    conftest = bench.path / "conftest.py"
    conftest.write_text(conftest.read_text() + LACKING)
    bench.makepyfile(TESTS)
    far = ("--dist=load", "--tx=popen//env:FAKE_LACKS=1")
    result = run(*far, "--mlbench-model=good", "--mlbench-json=r.json")
    result.assert_outcomes(skipped=2)
    (row,) = json.loads((bench.path / "r.json").read_text())["records"]
    assert row["outcome"] == "skipped"
    assert "there is no compiler on this machine" in row["reason"]


@pytest.mark.parametrize("dist", ["load", "loadfile"])
def test_workers_that_each_lack_something_else_end_the_run(
    bench: pytest.Pytester, run: Callable[..., pytest.RunResult], dist: str
) -> None:
    conftest = bench.path / "conftest.py"
    conftest.write_text(conftest.read_text() + LACKING)
    bench.makepyfile(TESTS)
    far = ("--tx=popen//env:FAKE_LACKS=named", "--tx=popen//env:FAKE_REFERENCE=another")
    result = run(f"--dist={dist}", *far, "--mlbench-model=good", "--mlbench-json=r.json")
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.USAGE_ERROR, text
    (line,) = [line for line in result.errlines if "every worker lacks" in line]
    assert re.search(r"gw0 on \S+: there is no program gcc-12\. Give its path\. ", line)
    assert re.search(r"gw1 on \S+: golden outputs must come from", line)
    assert "Mend one of the machines" in line
    assert "INTERNALERROR" not in text
    assert not (bench.path / "r.json").exists()


def test_a_machine_without_the_plugin_is_refused(
    bench: pytest.Pytester, run: Callable[..., pytest.RunResult]
) -> None:
    from execnet.script import socketserver

    bench.makepyfile(TESTS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    # A Python with execnet and nothing else.
    (bench.path / "bare").mkdir()
    package = Path(socketserver.__file__).parent.parent
    (bench.path / "bare" / package.name).symlink_to(package)
    surroundings = {**os.environ, "PYTHONPATH": str(bench.path / "bare")}
    bare = [sys.executable, "-S", "-u", socketserver.__file__, place]
    with subprocess.Popen(bare, stdout=subprocess.PIPE, env=surroundings) as server:
        assert server.stdout is not None
        assert b"Accept loop" in server.stdout.readline()
        far = ("--dist=load", f"--tx=socket={place}//chdir={bench.path}")
        result = run(*far, "--mlbench-model=good")
        server.kill()
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.USAGE_ERROR, text
    assert "the Python there has no pytest, no xdist, no pytest_mlbench" in text
    assert "INTERNALERROR" not in text
