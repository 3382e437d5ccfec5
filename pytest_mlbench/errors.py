"""The failures of a benchmark, each a short paragraph: what, where, and the command that mends it.

The class decides what becomes of the case, the text is for the person who reads it:

=================== =====================================================================
`UsageError`       a wrong name, option or file: `pytest.UsageError`, nothing is run
`Unavailable`         something outside is missing: the case is skipped (`--mlbench-strict`: failed)
`DiskFull`          no room where something must be written: the case fails
`FetchRefused`      content that is not what its pin says: the case fails, nothing is cached
`BuildFailed`       the compiler said no: the case fails with the compiler's first error
`SimulationFailed`  the firmware trapped, hung or printed garbage: the case fails
`OutputMismatch`    the firmware's output differs from the reference: the case fails
`ReferenceFailed`   the reference dies of the model or refuses it: the case fails, unvalidated
`MemoryFault`       a checked firmware saw an operator misuse memory: the case fails
=================== =====================================================================
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class MlbenchError(Exception):
    """A failure told to a person.

    `what` states expected and found, `where` a file or option, `remedy` what mends it. All three
    are plain text without a final full stop; `str()` joins them.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what, where, remedy)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        return visible(self._text(), lines=True)

    def _text(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.remedy}" if self.remedy else text

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.remedy))


def _rebuild(kind: type[MlbenchError], what: str, where: str, remedy: str) -> MlbenchError:
    return kind(what, where=where, remedy=remedy)


class UsageError(MlbenchError):
    """A name, option or file of the user's is wrong."""


class EnvironmentMistake(UsageError):
    """The cache or the mirror that this machine names cannot be used: no case can run here."""


class Unavailable(MlbenchError):
    """Something that lies outside (a tool, a source, a model) is missing here."""


class DiskFull(MlbenchError):
    """There is no room to write what has to be written."""


class NotFetched(Unavailable):
    """A pinned file or source can be fetched from nowhere: `thing` ('source cmsisnn') names it,
    `why` is the last reason, without what was to be expected."""

    def __init__(
        self, what: str, *, where: str = "", remedy: str = "", thing: str = "", why: str = ""
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.thing = thing
        self.why = why

    def __reduce__(self) -> tuple[object, ...]:
        return (_not_fetched, (self.what, self.where, self.remedy, self.thing, self.why))


def _not_fetched(what: str, where: str, remedy: str, thing: str, why: str) -> NotFetched:
    return NotFetched(what, where=where, remedy=remedy, thing=thing, why=why)


class CompilerLacks(Unavailable):
    """The compiler that is here cannot build what is asked for; another one could."""


class FetchRefused(MlbenchError):
    """Content was received that is not what its pin says."""


class BuildFailed(MlbenchError):
    """The configuration or the compiler failed."""


class SimulationFailed(MlbenchError):
    """The firmware did not run to its end, or its output stream is not one."""


class OutputMismatch(MlbenchError):
    """An output differs from the reference."""


class ReferenceFailed(MlbenchError):
    """The reference interpreter is here, but cannot run the model."""


class MemoryFault(MlbenchError):
    """An operator writes memory that is not its own, or depends on memory that nobody wrote."""


_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str, *, lines: bool = False) -> str:
    """`text` with every character that a terminal would obey, or that hides, written as what it is.

    Names and messages come from model files, results files of a pull request, compilers and
    plugins: an escape sequence in them could rewrite what a person reads, a line end could forge a
    line. With `lines`, line ends and tabs stay.

    >>> visible("a\x1b[2Jb\nc")
    'a\\x1b[2Jb\\nc'
    """
    if text.isprintable():
        return text
    return _UNSEEN.sub(
        lambda match: (
            match[0]
            if lines and match[0] in "\n\t"
            else match[0].encode("unicode_escape").decode("ascii")
        ),
        text,
    )


def nearest(name: str, choices: Iterable[str]) -> str:
    """A sentence naming the choice nearest to `name`, or listing them all when none is near.

    Case, blanks, dashes and underscores do not count: they are what is mistyped first.
    """
    known = sorted(choices)
    plain = {_plain(choice): choice for choice in reversed(known)}
    close = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=0.65)
    if close:
        return f"Did you mean {plain[close[0]]!r}?"
    return f"Known: {', '.join(known)}" if known else "None are known"


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter not in " -_")


def unknown(kind: str, name: str, choices: Iterable[str], *, where: str = "") -> UsageError:
    """The refusal of an unknown `name` of a `kind` ('model', 'column', ...)."""
    return UsageError(f"unknown {kind} {name!r}", where=where, remedy=nearest(name, choices))
