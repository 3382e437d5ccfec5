"""One paragraph on what could not be fetched: what was left out, why, how to get it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.case import feature_label
from pytest_mlbench.models.model import TWIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mlbench.records.record import Record

COMMAND = "mlbench provision"


def paragraph(
    left_out: Sequence[Record], unavailable: Mapping[str, str], stand_ins: Iterable[str]
) -> str:
    """`left_out` are the records of cases that were skipped for a source, `unavailable` maps each
    'source NAME' and 'file NAME' to why it cannot be fetched, `stand_ins` are the twins that ran.

    Empty if nothing was missing.
    """
    sentences = []
    if left_out:
        sources = {thing: why for thing, why in unavailable.items() if thing.startswith("source ")}
        number = f"{len(left_out)} case{'s were' if len(left_out) > 1 else ' was'}"
        sentences.append(f"{number} left out ({_kinds(left_out)}): {_reasons(sources)}")
    twins = sorted(stand_ins)
    if twins:
        files = {thing: why for thing, why in unavailable.items() if thing.startswith("file ")}
        why = "; ".join(sorted(set(files.values())))
        one = len(twins) == 1
        sentences.append(
            f"{_listed(twins)} stand{'s' if one else ''} in for {'its' if one else 'their'} "
            f"original{'' if one else 's'}, with the same layers and shapes and other weights"
            + (f": {why}" if why else "")
        )
    if not sentences:
        return ""
    command = f"{COMMAND} --sources" if left_out else COMMAND
    brings = f"`{command}` fetches what is missing, where the network can be reached"
    return ". ".join((*sentences, brings))


def left_out(records: Iterable[Record], unavailable: Mapping[str, str]) -> tuple[Record, ...]:
    """The records of cases that were skipped because a source is unavailable."""
    starts = tuple(f"{thing} " for thing in unavailable if thing.startswith("source "))
    return tuple(
        record
        for record in records
        if record.outcome == "skipped" and record.reason.startswith(starts)
    )


def quiet(
    records: Sequence[Record], unavailable: Mapping[str, str], stand_ins: Iterable[str]
) -> frozenset[str]:
    """The reasons and notes of records that `paragraph` replaces."""
    reasons = {record.reason for record in left_out(records, unavailable)}
    return frozenset({*reasons, *(stand_in_note(name) for name in stand_ins)})


def stand_in_note(name: str) -> str:
    """The note of a record whose model is the stand-in `name`."""
    return f"{name} has the layers and shapes of {name.removesuffix(TWIN)}, other weights"


def _kinds(records: Sequence[Record]) -> str:
    """The backends, each with the features that were asked for."""
    found: dict[str, set[str]] = {}
    for record in records:
        label = feature_label(record.params["features"])
        found.setdefault(record.params["backend"], set()).add(label)
    return "; ".join(f"{backend} with {_listed(sorted(found[backend]))}" for backend in found)


def _reasons(unavailable: Mapping[str, str]) -> str:
    """One clause for each reason, with all that is missing for it."""
    whys: dict[str, list[str]] = {}
    for thing, why in sorted(unavailable.items()):
        whys.setdefault(why, []).append(thing.removeprefix("source "))
    return "; ".join(
        f"source{'s' if len(names) > 1 else ''} {_listed(names)}: {why}"
        for why, names in whys.items()
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
