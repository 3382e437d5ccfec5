"""Cache entries that are built from sources which do not change meanwhile.

An entry's key says what its sources held before the build. If an editor saves one of them during
the build, the compiler may have read either content, so the build is repeated with the new key.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pytest_mlbench import progress
from pytest_mlbench.errors import BuildFailed

from . import inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_mlbench.provision.cache import Cache

ATTEMPTS = 5


class _Changed(Exception):
    """A source has changed during the build."""


def entry(
    cache: Cache,
    kind: str,
    key: Callable[[], str],
    fill: Callable[[Path, str], Mapping[str, Any]],
    *,
    current: Callable[[Path], bool],
    name: str,
) -> Path:
    """The folder of the entry of `kind` whose key is `key()`, now.

    `fill(folder, key)` builds it and returns the `inputs.facts` of the files that are not in the
    key. `name` is for messages. Raises BuildFailed if sources change during each of several builds.
    """
    known: list[Mapping[str, Any]] = [{}]

    def attempt(folder: Path, before: str) -> None:
        began = time.time()
        read = fill(folder, before)
        # Files whose content is the one after the last attempt have not changed since, whatever
        # the clock of their file system says.
        late = read != known[-1] and inputs.touched(read, began)
        known.append(read)
        if late or key() != before:
            raise _Changed

    for _ in range(ATTEMPTS):
        now = key()
        try:
            return cache.entry(
                kind,
                now,
                lambda folder, now=now: attempt(folder, now),  # type: ignore[misc]
                current=current,
                exact=True,
            )
        except _Changed:
            progress.say(f"{name}: a source has changed during the build: built again")
    raise BuildFailed(
        f"its sources changed during each of {ATTEMPTS} builds",
        where=name,
        remedy="End the program that writes them, then run again",
    )
