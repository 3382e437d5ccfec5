"""Writing reports: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pytest_mlbench.errors import UserMistake


def write_text(path: Path, text: str) -> Path:
    """Replace `path` by `text` in one step; folders are made. Raises UserMistake if it cannot."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(text.encode())
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UserMistake(f"cannot write it: {error.strerror or error}", where=str(path)) from error
    return path


def append_text(path: Path, text: str) -> None:
    """Append to a file that others write to as well, like a CI step's summary."""
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise UserMistake(
            f"cannot append to it: {error.strerror or error}", where=str(path)
        ) from error
