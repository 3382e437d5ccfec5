from __future__ import annotations

import time

import pytest

from pytest_mlbench import progress


def test_a_quick_step_prints_nothing(lines: list[str]) -> None:
    with progress.step("building") as step:
        step.update("1 of 2")
    assert lines == []


def test_a_long_step_says_that_it_began_how_far_it_is_and_how_it_ended(
    lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_pace", (0.02, 0.05))
    with progress.step("building") as step:
        end = time.monotonic() + 10
        while not lines and time.monotonic() < end:
            time.sleep(0.005)
        step.update("1 of 2")
        while len(lines) < 2 and time.monotonic() < end:
            time.sleep(0.005)
    assert lines[0] == "building ..."
    assert lines[1].startswith("building ... (1 of 2), ")
    assert lines[-1].startswith("building: done after ")


def test_a_step_that_fails_says_so(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_pace", (0.01, 10.0))
    with pytest.raises(ValueError, match="no"), progress.step("building"):  # noqa: PT012
        end = time.monotonic() + 10
        while not lines and time.monotonic() < end:
            time.sleep(0.005)
        raise ValueError("no")
    assert lines[-1].startswith("building: stopped after ")


def test_the_default_sink_is_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    before = progress.set_sink(None)
    try:
        progress._sink("hello")
    finally:
        progress.set_sink(before)
    assert capsys.readouterr().err == "mlbench: hello\n"


def test_names_cannot_write_to_the_terminal(lines: list[str]) -> None:
    progress.say("building a\x1b[2J\nforged")
    progress.say("Größe")
    assert lines == [r"building a\x1b[2J\nforged", "Größe"]
