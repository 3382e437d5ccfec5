"""From a test's report to its case's record: what happened, in one sentence."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from pytest_mlbench.measure.record_of import params
from pytest_mlbench.records.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from pytest_mlbench.case import Case
    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.records.extension import Verdict


STATUS = "mlbench_status"
"""The report's attribute with a judge's letter and word."""


def case_facts(case: Case, registry: Registry) -> dict[str, Any]:
    """A case's name and parameters as plain data, as they stand in a record."""
    return {"case": case.name, "params": params(case, registry)}


def of_report(
    report: pytest.TestReport, case: Mapping[str, Any], measured: Record | None
) -> Record | None:
    """The record of one phase of a test; None where the phase says nothing about the case.

    `case` is from `case_facts`; it is used if nothing was measured.

    A failure of the test after a measurement fails the record too; a skip after one does not.
    """
    if report.when == "teardown" or (report.when == "setup" and report.passed):
        return None
    if report.passed:
        return measured
    expected = getattr(report, "wasxfail", None)
    skipped = report.skipped and expected is None
    if measured is not None and (skipped or measured.outcome != "passed"):
        return measured
    reason = sentence(report) if expected is None else f"expected to fail: {expected or 'xfail'}"
    if measured is None:
        return Record(**case, outcome="skipped" if skipped else "failed", reason=reason)
    return replace(measured, outcome="failed", reason=reason)


def sentence(report: pytest.TestReport) -> str:
    """Why a test failed or was skipped: the exception's message, without traceback."""
    shown = report.longrepr
    if isinstance(shown, tuple):  # a skip: path, line, reason
        return str(shown[2]).removeprefix("Skipped: ")
    crash = getattr(shown, "reprcrash", None)
    text = str(crash.message if crash is not None else shown or "")
    for prefix in ("Failed: ", "Skipped: "):
        text = text.removeprefix(prefix)
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[0].strip() if lines else "no reason given"


def apply(report: pytest.TestReport, verdict: Verdict) -> dict[str, Any]:
    """Fail the passed `report` if `verdict` wants that. Returns the verdict as plain data."""
    if report.passed and verdict.letter:
        report.__dict__[STATUS] = [verdict.letter, verdict.word, verdict.key]
    if verdict.failed and report.passed:
        report.outcome = "failed"
        report.longrepr = verdict.sentence
        if verdict.details:
            report.sections.append(("mlbench", verdict.details))
    return asdict(verdict)
