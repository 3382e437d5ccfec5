"""What is done for cases before there is a compiler."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from libraries.small_models import depthwise

from pytest_mlbench.case import Case
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.measure import meanwhile
from pytest_mlbench.measure.chain import Chain
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.models.model import Model
from pytest_mlbench.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.measure.registry import Registry


def test_simulator_and_outputs_come_once_and_without_a_compiler(
    known: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Toolbox, "toolchain", lambda *_: pytest.fail("a compiler is asked for"))
    monkeypatch.setattr(SpikeTarget, "simulator", lambda _: asked.append("spike"))
    models = {name: Model(name, build=lambda: depthwise(8)) for name in ("one", "two")}
    some = replace(known, models=models)
    cases = [Case("one", optimize=level) for level in "s3"] + [Case("two", features=("tuned",))]
    toolbox = Toolbox(Settings(cache=tmp_path))
    jobs = list(meanwhile.jobs([(case, some) for case in cases], toolbox))
    assert len(jobs) == 3
    for job in jobs:
        job()
    assert asked == ["spike"]
    stored = {path.name for path in (tmp_path / "golden").iterdir()}
    assert len(stored) == 1, "the two models are equal"
    monkeypatch.setattr(Chain, "toolchain", type("Known", (), {"compiler": "gcc 12.2.0"}))
    assert Chain(cases[0], toolbox, some).expected.outputs
    assert {path.name for path in (tmp_path / "golden").iterdir()} == stored, "a case uses it"


def test_builds_alone_need_neither(known: Registry, tmp_path: Path) -> None:
    toolbox = Toolbox(Settings(cache=tmp_path, until="build"))
    assert list(meanwhile.jobs([(Case("toycar_twin"), known)], toolbox)) == []
