"""What must hold between the results of one network: more features and longer vectors never cost
cycles, and never memory for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_mlbench.api import Record

WORTH_RAM = 0.98
"""A richer feature set may need more RAM only if it takes at most this share of the cycles."""


def broken(records: Iterable[Record]) -> list[str]:
    """A sentence for each pair of passed cases of one network that is out of order, sorted.

    Pairs are `tuned,dext` or `tuned,vext` with `tuned`, and `tuned,vext` at twice a VLEN.
    """
    passed = [record for record in records if record.outcome == "passed"]
    known = {_key(record): record for record in passed if _key(record)}
    found = []
    for key, record in known.items():
        for plainer in _plainer(key):
            if plainer in known:
                found += _compare(known[plainer], record, longer=plainer[1] == key[1])
    return sorted(found)


Key = tuple[str, tuple[str, ...], int]


def _key(record: Record) -> Key | tuple[()]:
    """Model with its level, backend, target and configuration; features; VLEN, 0 without V."""
    params = record.params
    features = tuple(params["features"])
    if features[:1] != ("tuned",) or "run_cycles" not in record.metrics:
        return ()
    names = sorted(set(params) - {"features", "isa", "vlen"})
    same = " ".join(f"{name}={params[name]}" for name in names)
    vlen = params["isa"].partition("zvl")[2].partition("b")[0] if "vext" in features else ""
    return same, features, int(vlen or 0)


def _plainer(key: Key | tuple[()]) -> Iterator[Key]:
    if not key:
        return
    same, features, vlen = key
    if len(features) == 2:
        yield same, ("tuned",), 0
    if vlen:
        yield same, features, vlen // 2


def _compare(plain: Record, rich: Record, *, longer: bool) -> Iterator[str]:
    before, after = plain.metrics["run_cycles"], rich.metrics["run_cycles"]
    if after > before:
        yield f"{rich.case} takes {after:,} cycles, {plain.case} {before:,}"
    ram, more = plain.metrics.get("ram_total", 0), rich.metrics.get("ram_total", 0)
    if not longer and more > ram and after > WORTH_RAM * before:
        yield (
            f"{rich.case} needs {more:,} bytes of RAM, {plain.case} {ram:,}, "
            f"for {after:,} instead of {before:,} cycles"
        )
