from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlbench.case import WAITS
from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.columns import (
    COLUMNS,
    find_column,
    find_columns,
    group,
    measured,
    order,
    parameter,
    write,
)
from pytest_mlbench.records.metrics import METRICS
from pytest_mlbench.records.relative import (
    PARAMETERS,
    Reference,
    changes,
    difference,
    parse_reference,
    partners,
    percent,
    phrase,
)

if TYPE_CHECKING:
    from pytest_mlbench.records.record import Record

CYCLES, ROM = METRICS["total_cycles"], METRICS["rom_total"]


@pytest.mark.parametrize(
    ("was", "now", "text"),
    [
        (3400, 1000, "3.4x faster"),
        (1000, 1200, "1.2x slower"),
        (1000, 1040, "1.04x slower"),
        (100, 100, "same"),
        (1_000_000, 1_000_001, "+1 cycle"),
        (1_000_000, 999_990, "-10 cycles"),
        (1, 5000, "5,000x slower"),
        (0, 4, "+4 cycles"),
        (None, 4, "-"),
        (4, None, "-"),
    ],
)
def test_cycles_are_related_by_a_ratio_with_its_direction(
    was: int | None, now: int | None, text: str
) -> None:
    assert phrase(CYCLES, was, now) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (30_000, "+30 kB"),
        (-1024, "-1,024 B"),
        (0, "same"),
        (9_999, "+9,999 B"),
        (-99_500, "-100 kB"),
    ],
)
def test_bytes_are_related_by_a_signed_difference(count: int, text: str) -> None:
    assert difference(count) == text


def test_fewer_instructions_are_not_called_faster() -> None:
    assert phrase(METRICS["run_instructions"], 200, 100) == "2.0x fewer"
    assert phrase(METRICS["run_millinstructions_per_mac"], 1000, 3000) == "3.0x more"


@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_the_direction_is_always_right_and_no_change_is_lost(was: int, now: int) -> None:
    text = phrase(CYCLES, was, now)
    if now == was:
        assert text == "same"
    elif now < was:
        assert text.endswith("faster") or text.startswith("-")
    else:
        assert text.endswith("slower") or text.startswith("+")
    if text.endswith(("faster", "slower")):
        assert float(text.partition("x")[0].replace(",", "")) > 1
    share = percent(was, now)
    assert (share == "+0 %") == (was == now)
    assert share.startswith("-") == (now < was)


def test_a_partner_differs_in_the_reference_only() -> None:
    rows = synthetic.zoo()
    found = partners(rows, parse_reference("features=_"))
    assert len(found) == len(rows)
    for row in rows:
        partner = found[row.case]
        assert partner.params["features"] == []
        assert partner.params["model"] == row.params["model"]
        assert partner.params["optimize"] == row.params["optimize"]


def test_a_feature_may_bring_its_own_isa_and_settings() -> None:
    plain, vector = synthetic.record(), synthetic.record(features=("tuned", "vext"))
    params = {**vector.params, "isa": "rv32gcv", "config": {"winograd": "1"}}
    vector = replace(vector, params=params)
    assert partners([plain, vector], parse_reference("features=_"))[vector.case] == plain
    # ... but two candidates are no answer.
    other = replace(plain, case="other", params={**plain.params, "isa": "rv64gc"})
    assert vector.case not in partners([plain, other, vector], parse_reference("features=_"))


def test_an_unmeasured_reference_is_no_partner() -> None:
    plain = replace(synthetic.record(), outcome="skipped", metrics={})
    fast = synthetic.record(features=("tuned",))
    assert partners([plain, fast], parse_reference("features=_")) == {}


def test_references_are_read_strictly() -> None:
    assert parse_reference("features=tuned,dext").params == {"features": "tuned,dext"}
    assert parse_reference("backend=tflmi features=_").params == {
        "backend": "tflmi",
        "features": "_",
    }
    for bad, says in (
        ("feature=_", "Did you mean 'features'"),
        ("features", "is not PARAMETER=VALUE"),
        ("features=", "is not PARAMETER=VALUE"),
        (" ", "no reference"),
    ):
        with pytest.raises(UsageError, match=says):
            parse_reference(bad)


def test_relative_columns_for_the_terminal() -> None:
    rows = [synthetic.record(), synthetic.record(features=("tuned",), scale=0.25)]
    found = changes(rows, parse_reference("features=_"), [CYCLES, ROM])
    assert found == {
        "Cycles change": {rows[0].case: "reference", rows[1].case: "4.0x faster"},
        "ROM change": {rows[0].case: "reference", rows[1].case: "same"},
    }


def test_columns_by_key_title_or_heading() -> None:
    for name in ("rom_total", "Total ROM", "total rom", "ROM", "total-rom"):
        assert find_column(name).key == "rom_total"
    assert [column.key for column in find_columns(["Model", "ROM", "rom_total"])] == [
        "model",
        "rom_total",
    ]
    with pytest.raises(UsageError, match="Did you mean 'Total ROM'"):
        find_column("Total ROMs")


def test_no_two_columns_share_a_name() -> None:
    names = [name for column in COLUMNS.values() for name in {column.key, column.title}]
    plain = [name.lower().replace("_", " ") for name in names]
    for column in COLUMNS.values():
        for name in (column.key, column.title, column.heading):
            assert find_column(name) == column, name
    assert plain


def test_numbers_are_written_for_people() -> None:
    assert write(CYCLES, 15_658_993) == "15,658,993"
    assert write(METRICS["run_millinstructions_per_mac"], 14_755) == "14.755"
    assert write(METRICS["run_millinstructions_per_mac"], -5) == "-0.005"
    assert write(CYCLES, None) == "-"


def test_sorting_is_numeric_stable_and_puts_the_unmeasured_last() -> None:
    rows = [
        synthetic.record("a", metrics={"rom_total": 9}),
        synthetic.record("b", metrics={"rom_total": 10}),
        replace(synthetic.record("c"), metrics={}),
        synthetic.record("d", metrics={"rom_total": 9}),
    ]
    names = [row.params["model"] for row in order(rows, ["rom_total"])]
    assert names == ["a", "d", "b", "c"]
    names = [row.params["model"] for row in order(rows, ["-rom_total"])]
    assert names == ["b", "a", "d", "c"]


def test_groups_are_labelled() -> None:
    labels = [label for label, _ in group(order(synthetic.zoo()), ["model", "optimize"])]
    assert labels == [
        "model=aww optimize=3",
        "model=aww optimize=s",
        "model=resnet optimize=3",
        "model=resnet optimize=s",
    ]


def test_only_measured_columns_are_shown() -> None:
    keys = [column.key for column in measured([synthetic.record()])]
    assert "run_cycles" in keys
    assert "flash_image" not in keys


VARIANTS = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["aww", "vww"]),
        "features": st.sampled_from([[], ["tuned"]]),
        "optimize": st.sampled_from(["3", "s"]),
        "target": st.sampled_from(["spike", "core"]),
        "isa": st.sampled_from(["rv32gc", "rv32gcv"]),
        "config": st.sampled_from([{}, {"winograd": "on"}, {WAITS[0]: "1"}]),
    }
)


def slow_partners(rows: list[Record], reference: Reference) -> dict[str, str]:
    """`partners` as its docstring has it, each case against each."""
    found = {}
    for row in rows:
        for loose in ((), ("isa", "config")):
            keys = {*PARAMETERS} - {*reference.params} - {*loose}
            agree = [
                other
                for other in rows
                if reference.holds(other)
                and all(parameter(row, key) == parameter(other, key) for key in keys)
                and (
                    not loose
                    or "config" in reference.params
                    or all(
                        row.params["config"].get(key) == other.params["config"].get(key)
                        for key in WAITS
                    )
                )
            ]
            if agree:
                break
        if len(agree) == 1:
            found[row.case] = agree[0].case
    return found


@settings(deadline=None, max_examples=200)
@given(
    st.lists(VARIANTS, max_size=12),
    st.sampled_from(["features=_", "optimize=s", "isa=rv32gc features=_", "config=winograd=on"]),
)
def test_partners_are_what_comparing_each_with_each_finds(
    variants: list[dict[str, Any]], text: str
) -> None:
    base = synthetic.record()
    rows = [
        replace(base, case=f"case{at}", params={**base.params, **each})
        for at, each in enumerate(variants)
    ]
    reference = parse_reference(text)
    found = {case: row.case for case, row in partners(rows, reference).items()}
    assert found == slow_partners(rows, reference)
