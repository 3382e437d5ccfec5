"""What tests of the cache put into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def write(text: str, calls: list[str] | None = None) -> Callable[[Path], None]:
    """Makes an entry with one file, and notes that in `calls`."""

    def make(folder: Path) -> None:
        if calls is not None:
            calls.append(text)
        (folder / "sub").mkdir()
        (folder / "sub" / "file").write_text(text, encoding="utf-8")

    return make
