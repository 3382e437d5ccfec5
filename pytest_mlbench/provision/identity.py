"""The identity of a source tree in records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mlbench.settings import LOCAL

from . import pins, sources

if TYPE_CHECKING:
    from pathlib import Path


DOUBLE = "CONTRACT_DOUBLE"
"""A file that marks a tree as a test double of the library."""


def version(name: str, folder: Path) -> str:
    """The identity of source `name` in `folder`: its pin, or the local checkout's git describe.

    It includes a digest of the files. For a checkout given by path it begins with `LOCAL`: this is
    the code under test, so the gate compares different states of it.
    """
    match = re.fullmatch(rf"{re.escape(name)}-([0-9a-f]{{40}})", folder.parent.name)
    if match and folder.name == "tree" and not (folder / DOUBLE).exists():
        known = pins.with_commit(name, match[1])
        return known.version if known else match[1][:12]
    source = sources.checkout(name, folder)
    if (folder / DOUBLE).exists():
        return f"contract double, files {source.content_key[:12]}"
    if source.commit and not source.dirty:
        return f"{LOCAL} {source.describe}"
    return f"{LOCAL} {source.describe}, files {source.content_key[:12]}"
