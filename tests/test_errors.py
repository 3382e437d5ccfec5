"""What a person reads holds nothing that a terminal obeys."""

from __future__ import annotations

import pickle

import pytest

from pytest_mlbench.errors import BuildFailed, UsageError, visible
from pytest_mlbench.records.record import Record, dumps, loads

EVIL = "a\x1b]0;title\x07\x9b2J\u202eb\r\ud800"


def test_control_characters_are_written_as_what_they_are() -> None:
    assert visible(EVIL) == r"a\x1b]0;title\x07\x9b2J\u202eb\r\ud800"
    assert visible("a\tb\nc") == r"a\tb\nc"
    assert visible("a\tb\nc", lines=True) == "a\tb\nc"
    assert visible("Größe 三 é ✓") == "Größe 三 é ✓"
    assert visible(visible(EVIL)) == visible(EVIL)


@pytest.mark.parametrize("kind", [UsageError, BuildFailed])
def test_errors_do_so_whatever_they_quote(kind: type[UsageError]) -> None:
    error = kind(f"no model {EVIL}", where=EVIL, remedy=EVIL)
    for text in (str(error), str(pickle.loads(pickle.dumps(error)))):
        assert "\x1b" not in text
        assert text.encode().count(b"\\x1b") == 3


def test_records_do_so_in_every_text() -> None:
    record = Record(
        case=EVIL + "\nforged line",
        params={"model": EVIL, "features": [EVIL], "config": {EVIL: EVIL}},
        outcome="failed",
        reason=f"first\nsecond\t{EVIL}",
        provenance={"toolchain": EVIL, "flags": {"model": [EVIL]}},
        operators=({"index": 0, "name": EVIL},),
        components={EVIL: {"rom": 1}},
        symbols=({"name": EVIL, "component": "c", "section": ".text", "size": 1},),
        notes=(EVIL,),
    )
    (read,) = loads(dumps([record]))
    assert read == record
    text = repr(record)
    for letter in ("\x1b", "\x9b", "\u202e", "\ud800", "\n"):
        assert letter not in text
    assert record.reason.startswith("first second a")
    assert record.case.endswith(r"\nforged line")


def test_a_plain_record_is_left_as_it_is() -> None:
    params = {"model": "a"}
    symbols = ({"name": "a", "component": "c", "section": ".text", "size": 1},)
    record = Record(case="a", params=params, outcome="passed", symbols=symbols)
    assert record.params is params
    assert record.symbols is symbols


@pytest.mark.parametrize("number", ["1" + "0" * 400, str(1 << 63), str(-(1 << 63))])
def test_a_number_that_nothing_can_show_is_refused(number: str) -> None:
    text = dumps([Record(case="a", params={}, outcome="passed", metrics={"macs": 77})])
    with pytest.raises(UsageError, match="63 bits"):
        loads(text.replace("77", number))
