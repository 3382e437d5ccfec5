"""What a campaign tried and what went wrong."""

from __future__ import annotations

import contextlib
import random
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY = 50
"""Trials between two lines about a long run."""


@dataclass
class Tally:
    """What a campaign tried, and what went wrong: one sentence each."""

    name: str
    tried: int = 0
    wrong: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)

    def trials(self, first: int, count: int) -> Iterator[int]:
        """The numbers of the trials, each counted when it is over."""
        for number in range(first, first + count):
            yield number
            self.tried += 1
            if self.tried % EVERY == 0:
                print(self, flush=True)

    def expect(self, good: bool, what: str) -> None:
        """Note `what` as wrong unless `good`, and say so at once."""
        if not good:
            self.wrong.append(what)
            print(f"{self.name}, wrong: {what}", flush=True)

    def __str__(self) -> str:
        facts = [f"{name} {count}" for name, count in sorted(self.outcomes.items())]
        facts += [f"{name} {value}" for name, value in self.facts.items()]
        lines = [f"{self.name}: {self.tried} tried, {len(self.wrong)} wrong ({', '.join(facts)})"]
        return "\n".join([*lines, *(f"  {row}" for row in self.wrong[:50])])


def chance(name: str, seed: int, number: int) -> random.Random:
    """The chance of one trial, whatever was tried before it."""
    return random.Random(f"{name} {seed} {number}")


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """An empty folder for a campaign."""
    folder = Path(tempfile.mkdtemp(prefix="campaign-"))
    try:
        yield folder
    finally:
        remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder and what is in it."""
    shutil.rmtree(folder, ignore_errors=True)
