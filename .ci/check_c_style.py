"""Refuse C and C++ files that clang-format would change. Prints each and the command to mend it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ENDINGS = {".c", ".cc", ".cpp", ".h", ".hpp"}
FOLDERS = ("pytest_mlbench", "tests", "benchmarks", "examples")


def main() -> int:
    """The exit status of clang-format."""
    root = Path(__file__).resolve().parent.parent
    files = sorted(
        str(path.relative_to(root))
        for folder in FOLDERS
        for path in (root / folder).rglob("*")
        if path.suffix in ENDINGS
    )
    done = subprocess.run(
        ["clang-format", "--dry-run", "-Werror", *files],  # noqa: S607
        cwd=root,
        check=False,
    )
    if done.returncode:
        print("Mend it with: clang-format -i FILE", file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
