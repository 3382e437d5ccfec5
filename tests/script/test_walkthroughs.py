"""The walk-throughs of docs/walkthroughs.md, command by command, as a reader would paste them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from warm_programs import Server

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "walkthroughs.md").read_text()
EXAMPLE = ROOT / "tests" / "libraries" / "example"
LIBRARY = {
    "conftest.py": "mine.py",
    "mine.c": "mine.c",
    "mine.h": "mine.h",
    "test_mine.py": "bench_mine.py",
}
FAILS = "# exit status 1"


@dataclass(frozen=True)
class Command:
    """What the page says to type, whether it is said to fail, and the lines shown below it."""

    words: tuple[str, ...]
    fails: bool
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Walk:
    """One walk-through: files and commands in the order of the page."""

    title: str
    steps: tuple[Command | tuple[str, str], ...]


def walks(page: str) -> list[Walk]:
    """Every section of the page that has commands."""
    found = []
    for section in page.split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        steps: list[Command | tuple[str, str]] = []
        if "<!-- files: kernel library -->" in text:
            steps += [(name, (EXAMPLE / source).read_text()) for name, source in LIBRARY.items()]
        for block in re.finditer(r"(?:`([\w/.]+)`:\n\n)?```(\w+)\n(.*?)```", text, re.DOTALL):
            name, language, content = block.groups()
            if language == "console":
                steps += commands(content)
            elif name:
                steps.append((name, content))
        found.append(Walk(title, tuple(steps)))
    return found


def commands(block: str) -> list[Command]:
    """The commands of a console block, each with what is shown below it."""
    made = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, *shown = part.rstrip("\n").split("\n")
        words = tuple(shlex.split(line.removesuffix(FAILS)))
        made.append(Command(words, line.endswith(FAILS), tuple(shown)))
    return made


WALKS = walks(PAGE)


def test_the_page_has_four_walks_with_commands() -> None:
    assert [len(walk.steps) > 3 for walk in WALKS] == [True] * 4
    programs = {step.words[0] for walk in WALKS for step in walk.steps if isinstance(step, Command)}
    assert programs == {"pytest", "mlbench", "python", "sed", "git"}


@pytest.fixture
def environment(tmp_path: Path, warm: Server) -> dict[str, str]:
    """A shell's in which the project is installed, and nothing of it is set."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, module in (("pytest", "pytest"), ("mlbench", "pytest_mlbench"), ("python", "")):
        warm.program(programs / name, module)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MLBENCH_", "PYTEST_", "GIT_", "GITHUB_", "COV_"))
    }
    ours = {
        name: os.environ[name] for name in ("MLBENCH_CACHE", "MLBENCH_MIRROR") if name in os.environ
    }
    return {**kept, **ours, "PATH": f"{programs}:{os.environ['PATH']}", "COLUMNS": "200"}


@pytest.mark.spike
@pytest.mark.parametrize("walk", WALKS, ids=[walk.title for walk in WALKS])
def test_the_commands_do_what_the_page_shows(
    walk: Walk, environment: dict[str, str], tmp_path: Path
) -> None:
    if "MLonMCU" in walk.title:
        pytest.importorskip("pandas")
    for program in ("git", "sed"):
        if shutil.which(program) is None:
            pytest.skip(f"no {program}")
    folder = tmp_path / "empty"
    folder.mkdir()
    for step in walk.steps:
        if not isinstance(step, Command):
            path = folder / step[0]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step[1])
            continue
        done = subprocess.run(
            step.words, cwd=folder, env=environment, capture_output=True, text=True, check=False,
            timeout=900,
        )  # fmt: skip
        said = f"$ {shlex.join(step.words)}\n{done.stdout}\n{done.stderr}"
        if re.search(r"^SKIPPED|\d skipped", done.stdout, re.MULTILINE):
            pytest.skip(done.stdout.strip().splitlines()[-1])
        assert done.returncode == int(step.fails), said
        twin = "toycar_twin" in done.stdout.replace("\\_", "_")
        if twin and not any("toycar_twin" in line for line in step.shown):
            continue  # the page shows the original's numbers
        for line in step.shown:
            assert line.strip() in done.stdout, f"{line}\n\nis not in\n\n{said}"
