"""What models that are given by path are called."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path


def path_names(
    paths: Iterable[Path], taken: Collection[str] = (), others: Collection[str] = ()
) -> dict[Path, str]:
    """A name for each of the absolute `paths`, in whatever order they come; none of them is in
    `taken` (names of registered models) or `others` (names of other files).

    The file's stem; where several files have it, the shortest end of the path that tells them
    apart (a/model, b/model). A file whose name would be in `taken`, or that differs from another by
    its ending alone, is called by its whole name (aww.tflite). Letters of any script, digits and
    . _ + - are kept, the rest becomes _.
    """
    distinct = sorted(set(paths))
    names = dict.fromkeys(distinct, "")
    length = dict.fromkeys(distinct, 1)
    whole = {path for path in distinct if _tail(path, 1, whole=False) in taken}
    same = [(path.parent, _plain(path.stem)) for path in distinct]
    whole |= {path for path, key in zip(distinct, same, strict=True) if same.count(key) > 1}
    while True:
        for path in distinct:
            names[path] = _tail(path, length[path], whole=path in whole)
        used = list(names.values())
        clashing = [
            path
            for path in distinct
            if (used.count(names[path]) > 1 or names[path] in taken or names[path] in others)
            and length[path] < len(path.parts)
        ]
        if not clashing:
            return names
        for path in clashing:
            length[path] += 1


def _tail(path: Path, length: int, *, whole: bool) -> str:
    """The last `length` parts of `path`, the file's ending kept if `whole`."""
    file = path.name if whole else path.stem
    folders = path.parts[max(1, len(path.parts) - length) : -1]
    return "/".join(_plain(part) for part in (*folders, file))


def _plain(text: str) -> str:
    kept = re.sub(r"[^\w.+-]+", "_", unicodedata.normalize("NFC", text))
    return kept.strip("_") or "model"
