"""The identity of a source tree as a record names it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mlbench.settings import LOCAL

from . import pins, sources

if TYPE_CHECKING:
    from pathlib import Path


DOUBLE = "CONTRACT_DOUBLE"
"""A file by which a tree says that it only stands for the library in tests."""


def version(name: str, folder: Path) -> str:
    """What the tree of source `name` in `folder` is: its pin, or a local checkout's git describe.

    A folder without git is told apart by the digest of its files. What was given by path begins
    with `LOCAL`: it is the code under test, and the gate compares it with other states of itself.
    """
    match = re.fullmatch(rf"{re.escape(name)}-([0-9a-f]{{40}})", folder.parent.name)
    if match and folder.name == "tree" and not (folder / DOUBLE).exists():
        pin = pins.pins().sources.get(name)
        tag = pin.tag if pin is not None and pin.commit == match[1] and pin.verified else ""
        return f"{tag} ({match[1][:12]})" if tag else match[1][:12]
    found = sources.checkout(name, folder)
    if (folder / DOUBLE).exists():
        return f"contract double, files {found.content_key[:12]}"
    if found.commit and not found.dirty:
        return f"{LOCAL} {found.describe}"
    return f"{LOCAL} {found.describe}, files {found.content_key[:12]}"
