"""Names for models that are given by path."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path


def path_names(
    paths: Iterable[Path], taken: Collection[str] = (), others: Collection[str] = ()
) -> dict[Path, str]:
    """A name for each of the absolute `paths`, independent of their order.

    No name is in `taken` (names of registered models) or `others` (names of other files). The name
    is the file's stem or, if several files share it, the shortest end of the path that
    distinguishes them (a/model, b/model). It is the full file name (aww.tflite) if the stem is in
    `taken` or files differ only in their suffix. Letters of any script, digits and . _ + - are
    kept; any other character becomes _. Files that differ only in other characters are numbered in
    the order of their paths: a_b, a_b-2.
    """
    distinct = sorted(set(paths))
    length = dict.fromkeys(distinct, 1)
    whole = {path for path in distinct if _tail(path, 1, whole=False) in taken}
    alike = [_tail(path, len(path.parts), whole=True) for path in distinct]
    number = {path: alike[:place].count(alike[place]) for place, path in enumerate(distinct)}
    same = [(path.parent, _plain(path.stem) + _numbered(number[path])) for path in distinct]
    whole |= {path for path, key in zip(distinct, same, strict=True) if same.count(key) > 1}
    while True:
        plain = {path: _tail(path, length[path], whole=path in whole) for path in distinct}
        names = {path: plain[path] + _numbered(number[path]) for path in distinct}
        first = Counter(plain[path] for path in distinct if not number[path])
        used = Counter(names.values())
        clashing = [
            path
            for path in distinct
            if (
                first[plain[path]] > 1
                or used[names[path]] > 1
                or names[path] in taken
                or names[path] in others
            )
            and length[path] < len(path.parts)
        ]
        if not clashing:
            return names
        for path in clashing:
            length[path] += 1


def _numbered(before: int) -> str:
    """What tells the name of a file from those of the `before` files that are written alike."""
    return f"-{before + 1}" if before else ""


def _tail(path: Path, length: int, *, whole: bool) -> str:
    """The last `length` parts of `path`, with the file's suffix if `whole`."""
    file = path.name if whole else path.stem
    folders = path.parts[max(1, len(path.parts) - length) : -1]
    return "/".join(_plain(part) for part in (*folders, file))


def _plain(text: str) -> str:
    kept = re.sub(r"[^\w.+-]+", "_", unicodedata.normalize("NFC", text))
    return kept.strip("_") or "model"
