"""How the files of a stopped run say that they hold only a part of it, and where they go.

A stopped run never replaces the file of a complete one: its own file has `.stopped` in its name.
It may replace a file that says of itself that it is partial.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.files import is_stream, read_text
from pytest_mlbench.records.gate import load

from . import csv_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def place(path: Path, partial: str, read: Callable[[str], str] | None) -> Path:
    """Where a file for `path` is written. `partial` is what it says is missing, if anything.

    `read` gives what a text says is missing in it. Without `read`, the format has no room for it,
    and only the name of the file can say so. Devices and pipes are always written to.
    """
    if not partial or is_stream(path) or (read is not None and not path.is_file()):
        return path
    try:
        itself = read is not None and bool(read(read_text(path)))
    except UsageError:
        itself = False
    return path if itself else path.with_name(f"{path.stem}.stopped{path.suffix}")


def markdown(made: str, partial: str) -> str:
    """The Markdown text `made` below a line that says what is missing."""
    return f"**{partial}.**\n\n{made}" if partial else made


def _of_markdown(text: str) -> str:
    found = re.match(r"\*\*(\d+ of \d+ cases: .*)\.\*\*\n", text)
    return found.group(1) if found else ""


def _of_html(text: str) -> str:
    found = re.search(r'<meta name="partial" content="([^"]*)">', text.partition("</head>")[0])
    return html.unescape(found.group(1)) if found else ""


READ = {
    "json": load.partial_text,
    "csv": csv_file.partial,
    "markdown": _of_markdown,
    "html": _of_html,
}
"""Report -> the function that reads from its text what is missing in it; empty if nothing is."""
