"""Adds context to a failure's message. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def background(libraries: Mapping[str, str], known: Iterable[str]) -> str:
    """Which code ran (`libraries`: name -> version), and its `known` problems."""
    ran = ", ".join(f"{name} {version}" for name, version in sorted(libraries.items()))
    sentences = (f"It ran {ran}" if ran else "", *(f"Known: {each}" for each in known))
    return ". ".join(filter(None, sentences))


def explained(what: str, codes: Mapping[int, str]) -> str:
    """`what`, followed by the backend's meaning of the code that the firmware ended with."""
    match = re.search(r"with code (-?\d+)", what)
    meaning = codes.get(int(match[1]), "") if match else ""
    return f"{what} ({meaning})" if meaning else what
