"""Programs in the interpreter's place: they abort, hang, write too little, or do not load."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from test_validate_golden import loaded
from tiny_models import dense

from pytest_mlbench.errors import ReferenceFailed
from pytest_mlbench.measure.validation import golden as module
from pytest_mlbench.measure.validation import interpreter
from pytest_mlbench.measure.validation.golden import Reference, golden
from pytest_mlbench.models.tflite.graph import Tensor
from pytest_mlbench.provision.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_behind_an_aborted_sample_a_state_is_not_known(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = (
        "import json, os, pathlib, sys\n"
        "folder = pathlib.Path(sys.argv[2])\n"
        "plan = json.loads((folder / 'plan.json').read_text())\n"
        "(folder / 'started').touch()\n"
        "with (folder / 'outputs.bin').open('ab') as results:\n"
        "    for sample in range(plan['first'], plan['samples']):\n"
        "        if sample == 1: os.abort()\n"
        "        results.write(bytes(plan['outputs'] * [1] * 4))\n"
        "        results.flush()\n"
    )
    with_runner(monkeypatch, tmp_path, script)
    model = loaded(dense().model([3]))
    references = (Fake("a", "a"),)
    assert sorted(golden(model, cache, references=references).aborted) == [1]
    kept = replace(model.graph, tensors=(*model.graph.tensors, variable()))
    found = golden(replace(model, graph=kept, sha256="other"), cache, references=references)
    assert sorted(found.aborted) == [1, 2]
    assert "follows sample 1" in found.aborted[2]


def variable() -> Tensor:
    return Tensor(4, "state", (1,), "int8", variable=True)


class Fake(Reference):
    def name(self) -> str:
        return f"{self.distribution} 1.0"

    def identity(self) -> str:
        return self.name()


def test_another_build_of_one_version_is_another_reference(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "made_up_micro").mkdir()
    (tmp_path / "made_up_micro/__init__.py").write_text("")
    (tmp_path / "made_up_micro/_runtime.so").write_bytes(b"one")
    facts = tmp_path / "made_up_micro-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up-micro\nVersion: 1.0\n")
    (facts / "RECORD").write_text("made_up_micro/__init__.py,,\nmade_up_micro/_runtime.so,,\n")
    reference = Reference("made-up-micro", "made_up_micro")
    first = reference.identity()
    assert first.startswith("made-up-micro 1.0, sha256 ")
    (tmp_path / "made_up_micro/_runtime.so").write_bytes(b"two")
    assert reference.identity() != first
    assert reference.name() == "made-up-micro 1.0"


def with_runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    path = tmp_path / "runner.py"
    path.write_text(script)
    monkeypatch.setattr(module, "_RUNNER", path)


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("import os; os.abort()", r"signal 6\): it printed nothing"),
        ("raise SystemExit('it ended.')", r"status 1\): it ended\. Check"),
        ("import sys; sys.exit('no arena')", r"status 1\): no arena"),
        ("import sys; sys.exit(0)", "ended without an error but wrote 0 bytes of outputs for tiny"),
        ("while True: print('x' * 10**6)", "printed too much"),
        ("import time; time.sleep(60)", "did not finish 3 samples of tiny within 0.5 s"),
    ],
)
def test_a_crash_of_the_interpreter_is_a_sentence(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, what: str
) -> None:
    with_runner(monkeypatch, tmp_path, script)
    timeout = 0.5 if "sleep" in script else 60
    with pytest.raises(ReferenceFailed, match=what):
        golden(loaded(dense().model([3])), cache, references=(Fake("a", "a"),), timeout=timeout)


def test_outputs_of_the_wrong_size_are_not_kept(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = "import sys, pathlib; (pathlib.Path(sys.argv[2]) / 'outputs.bin').write_bytes(b'1')"
    with_runner(monkeypatch, tmp_path, script)
    with pytest.raises(ReferenceFailed, match="wrote 1 bytes of outputs for tiny, expected 12"):
        golden(loaded(dense().model([3])), cache, references=(Fake("a", "a"),))


def test_a_wheel_that_does_not_load_gives_way_to_the_next(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = (
        "import sys, pathlib\n"
        "if sys.argv[1] == 'broken': sys.exit(3)\n"
        "(pathlib.Path(sys.argv[2]) / 'outputs.bin').write_bytes(bytes(12))\n"
    )
    with_runner(monkeypatch, tmp_path, script)
    model = loaded(dense().model([3]))
    references = (Fake("broken", "a"), Fake("other", "b"))
    assert golden(model, cache, references=references).reference == "other 1.0"
    assert "in numpy" in golden(model, cache, references=references[:1]).reference


def test_the_interpreter_is_found_where_its_package_has_other_parts_or_is_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tflite_micro").mkdir()
    (tmp_path / "tflite_micro/__init__.py").write_text("class runtime:\n    place = __file__\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in {"tflite_micro", *sys.modules}:
        if name.split(".")[0] == "tflite_micro":
            monkeypatch.setitem(sys.modules, name, ModuleType(name))  # it comes back
            del sys.modules[name]
    for _not_loaded_yet_and_then in range(2):
        assert interpreter._runtime().place == str(tmp_path / "tflite_micro/__init__.py")
