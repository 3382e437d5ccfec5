"""Cache entries of golden outputs: their key, their verification, and their division into rows."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pytest_mlbench.models.operators.redundant import filled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_mlbench.models.load import LoadedModel

_FORMAT = "2"


def key(model: LoadedModel, identity: str, *, reset: bool) -> str:
    digest = hashlib.sha256(f"{_FORMAT}\n{identity}\n{model.sha256}\n".encode())
    if reset:
        digest.update(b"reset")
    if filled(model.graph) is not model.graph:
        digest.update(b"filled")
    for sample in model.samples:
        for data in sample:
            digest.update(len(data).to_bytes(8, "little"))
            digest.update(data)
    return digest.hexdigest()


def intact(folder: Path, size: int) -> bool:
    """Do the entry's outputs have the right size and the recorded hash?"""
    try:
        data = (folder / "outputs.bin").read_bytes()
        facts = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
        return len(data) == size and facts["outputs_sha256"] == hashlib.sha256(data).hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return False


def split(
    data: bytes, sizes: list[int], samples: int, aborted: Mapping[int, str]
) -> tuple[tuple[bytes, ...], ...]:
    found: list[tuple[bytes, ...]] = []
    position = 0
    for sample in range(samples):
        row = []
        for size in sizes:
            row.append(data[position : position + size])
            position += size
        found.append(() if sample in aborted else tuple(row))
    return tuple(found)
