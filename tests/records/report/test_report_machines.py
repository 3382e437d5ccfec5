"""Cycles of one machine are no measure for another's: references and charts keep them apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import synthetic

from pytest_mlbench.records.relative import parse_reference, partners
from pytest_mlbench.records.report.charts.scatter import scatters

if TYPE_CHECKING:
    from pytest_mlbench.records.record import Record

FEATURES = parse_reference("features=_")


def on(target: str, features: tuple[str, ...] = (), **config: str) -> Record:
    """A record of a target, with a name of its own."""
    made = synthetic.record(features=features)
    params: dict[str, Any] = {**made.params, "target": target, "config": config}
    words = (made.case, target, *(f"{key}={value}" for key, value in config.items()))
    return replace(made, case="-".join(words), params=params)


def test_a_reference_is_of_the_same_target() -> None:
    rows = [on("spike"), on("ibex"), on("ibex", ("tuned",)), on("spike", ("tuned",))]

    found = partners(rows, FEATURES)

    assert found[rows[2].case] is rows[1]
    assert found[rows[3].case] is rows[0]


def test_another_targets_record_is_no_reference() -> None:
    rows = [on("spike"), on("ibex", ("tuned",))]

    assert rows[1].case not in partners(rows, FEATURES)


def test_another_memorys_record_is_no_reference() -> None:
    rows = [on("ibex"), on("ibex", ("tuned",), rom_wait="3")]

    assert rows[1].case not in partners(rows, FEATURES)


def test_a_setting_of_the_firmware_may_come_with_a_feature() -> None:
    rows = [on("spike"), on("spike", ("tuned",), winograd="on")]

    assert partners(rows, FEATURES)[rows[1].case] is rows[0]


def test_a_reference_may_name_a_target() -> None:
    rows = [on("spike"), on("ibex")]

    assert partners(rows, parse_reference("target=spike"))[rows[1].case] is rows[0]


def test_each_machine_has_a_chart_of_its_own() -> None:
    rows = [
        on(target, features, **config)
        for target, config in (("spike", {}), ("ibex", {}), ("ibex", {"rom_wait": "3"}))
        for features in ((), ("tuned",))
    ]

    assert [(chart.model, chart.target) for chart in scatters(rows)] == [
        ("aww", "ibex"),
        ("aww", "ibex rom_wait=3"),
        ("aww", "spike"),
    ]
    assert [(chart.model, chart.target) for chart in scatters(rows[:2])] == [("aww", "spike")]
