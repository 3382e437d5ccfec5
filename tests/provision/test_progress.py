from __future__ import annotations

import sys
import time

import pytest

from pytest_mlbench import process, progress
from pytest_mlbench.firmware import cmake


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


def test_a_build_says_how_many_of_its_files_are_done(
    lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the lines that Ninja writes, whole or not, to the step under way; without one, to
    nobody."""
    script = "\n".join(
        f"print('{text}', flush=True)" for text in ("[1/12] Building C object", "[7/12] Building")
    )
    monkeypatch.setattr(progress, "_pace", (0.01, 0.01))
    with progress.step("building") as step:
        process.run([sys.executable, "-c", script], timeout=60, watch=cmake._say_how_far)
        assert step._detail == "7 of 12"
        cmake._say_how_far(b"warning: [9/9] is no status")
        assert step._detail == "7 of 12"
        with progress.step("linking") as inner:
            progress.detail("half")
        assert (inner._detail, step._detail) == ("half", "7 of 12")
        end = time.monotonic() + 10
        while "building ... (7 of 12)" not in " ".join(lines) and time.monotonic() < end:
            time.sleep(0.005)
    assert any(line.startswith("building ... (7 of 12)") for line in lines)
    progress.detail("nothing is under way")
