"""What a person is told of a failure beyond the failure itself. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def background(libraries: Mapping[str, str], known: Iterable[str]) -> str:
    """Which code ran, library -> version, and what is known to go wrong with it."""
    ran = ", ".join(f"{name} {version}" for name, version in sorted(libraries.items()))
    said = (f"It ran {ran}" if ran else "", *(f"Known: {each}" for each in known))
    return ". ".join(filter(None, said))


def explained(what: str, codes: Mapping[int, str]) -> str:
    """A failure with the backend's own words for the code that the firmware ended with."""
    match = re.search(r"with code (-?\d+)", what)
    meaning = codes.get(int(match[1]), "") if match else ""
    return f"{what} ({meaning})" if meaning else what
