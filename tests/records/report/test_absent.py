"""The paragraph on what could not be fetched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from synthetic import record

from pytest_mlbench.records.report.absent import left_out, paragraph, quiet

if TYPE_CHECKING:
    from pytest_mlbench.records.record import Record

GITHUB = "github.com cannot be reached (no route)"
UNAVAILABLE = {
    "source tflite-micro": GITHUB,
    "source cmsisnn": GITHUB,
    "file aww/aww.tflite": "off",
}


def skipped(source: str, backend: str, *features: str) -> Record:
    one = record("aww", features)
    reason = f"source {source} (https://example.org at 0123) is not available: {GITHUB}"
    params = {**one.params, "backend": backend}
    return replace(one, params=params, outcome="skipped", reason=reason, metrics={})


RECORDS = [
    record("aww"),
    skipped("tflite-micro", "tflmi"),
    skipped("tflite-micro", "tflmi", "cmsisnn"),
    skipped("cmsisnn", "aot", "cmsisnn"),
    replace(record("resnet"), outcome="skipped", reason="source code of another kind"),
    replace(record("vww"), outcome="failed", reason="source cmsisnn is broken"),
]


def test_what_why_and_the_command_in_one_paragraph() -> None:
    text = paragraph(left_out(RECORDS, UNAVAILABLE), UNAVAILABLE, ["aww_twin", "vww_twin"])
    assert "\n" not in text
    assert text == (
        "3 cases were left out (tflmi with _ and cmsisnn; aot with cmsisnn): sources cmsisnn and "
        f"tflite-micro: {GITHUB}. aww_twin and vww_twin stand in for their originals, with the "
        "same layers and shapes and other weights: off. `mlbench provision "
        "--sources` fetches what is missing, where the network can be reached"
    )


def test_only_what_is_missing_is_named() -> None:
    assert paragraph((), {}, ()) == ""
    assert "stands in for its original" in paragraph((), {}, ["aww_twin"])
    assert "provision --sources`" not in paragraph((), {}, ["aww_twin"])
    one = paragraph(left_out(RECORDS[3:4], UNAVAILABLE), {"source cmsisnn": GITHUB}, ())
    assert one.startswith("1 case was left out (aot with cmsisnn): source cmsisnn: github.com")


def test_the_table_leaves_to_it_what_it_says() -> None:
    told = quiet(RECORDS, UNAVAILABLE, ["aww_twin"])
    assert told == {
        *(row.reason for row in RECORDS[1:4]),
        "aww_twin has the layers and shapes of aww, other weights",
    }
