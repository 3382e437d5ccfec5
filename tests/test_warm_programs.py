"""Programs that start without importing anything do what Python itself would do."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from warm_programs import Server

SHOWS = """
import atexit, os, sys, mine
atexit.register(print, "at the end")
print(__name__, sys.argv, os.getcwd(), os.environ["WORD"], sys.stdin.read(), mine.__file__)
print("aside", file=sys.stderr)
os.write(1, b"from C\\n")
"""


@pytest.mark.parametrize(
    ("end", "module"),
    [
        ("", False),
        ("", True),
        ("sys.exit(3)", True),
        ("sys.exit()", False),
        ("sys.exit('why')", False),
        ("1 / 0", False),
        ("sys.stdout.flush(); os.kill(os.getpid(), 9)", False),
    ],
)
def test_a_program_is_as_pythons(warm: Server, tmp_path: Path, end: str, module: bool) -> None:
    (tmp_path / "mine.py").write_text("")
    (tmp_path / "shows.py").write_text(f"{SHOWS}\n{end}\n")
    warm.program(tmp_path / "program", "shows" if module else "")
    words = ["a b", "-c"] if module else ["shows.py", "a b", "-c"]
    python = [sys.executable, *(["-m", "shows"] if module else [])]
    done, expected = (
        subprocess.run(
            [*program, *words],
            cwd=tmp_path, env={**os.environ, "WORD": "wörd"}, input="in",
            capture_output=True, text=True, check=False, timeout=60,
        )
        for program in ([str(tmp_path / "program")], python)
    )  # fmt: skip
    killed = expected.returncode < 0
    assert done.returncode == (128 - expected.returncode if killed else expected.returncode)
    assert sorted(done.stdout.splitlines()) == sorted(expected.stdout.splitlines())
    assert done.stderr.splitlines()[-1:] == expected.stderr.splitlines()[-1:]


def test_what_is_neither_script_nor_module_is_pythons_own(warm: Server, tmp_path: Path) -> None:
    warm.program(tmp_path / "python")
    code = [str(tmp_path / "python"), "-c", "import sys; print(sys.argv)", "a"]
    done = subprocess.run(code, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "['-c', 'a']\n"
