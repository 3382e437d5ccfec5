"""Result files from anywhere: whatever is in them, the answer is a sentence or a report."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import synthetic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.gate import baseline
from pytest_mlbench.records.gate import load as results
from pytest_mlbench.records.gate.compare import compare_all
from pytest_mlbench.records.gate.summary import summary
from pytest_mlbench.records.relative import parse_reference
from pytest_mlbench.records.report import comparison as markdown
from pytest_mlbench.records.report import csv_file, html_report
from pytest_mlbench.records.report import markdown as tables
from pytest_mlbench.records.report.profile import profile

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"schema": 1, "records": [row.to_dict() for row in synthetic.zoo()[:2]]}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=3,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything within `value`."""
    found = [path] if path else []
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(inner, (*path, key))
    return found


PLACES = places(GOOD)


def use_everything(path: Path) -> None:
    """All that the commands do with a results file."""
    rows = list(results.load(path).values())
    found = compare_all(synthetic.zoo(), rows)
    summary(found, details=True)
    markdown.comparison(found)
    tables.results(rows, reference=parse_reference("features=_"))
    csv_file.dumps(rows)
    html_report.page(rows, reference=parse_reference("features=_"))
    baseline.loads(baseline.dumps(rows), where="")
    for row in rows:
        profile(row)


def test_every_place_is_reached() -> None:
    assert len(PLACES) > 200


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.sampled_from(PLACES), junk=JUNK, remove=st.booleans())
def test_a_damaged_results_file_is_told_in_a_sentence(
    tmp_path: Path, place: tuple[Any, ...], junk: Any, remove: bool
) -> None:
    damaged = copy.deepcopy(GOOD)
    target: Any = damaged
    for key in place[:-1]:
        target = target[key]
    if remove:
        del target[place[-1]]
    else:
        target[place[-1]] = junk
    path = tmp_path / "r.json"
    path.write_text(json.dumps(damaged))
    try:
        use_everything(path)
    except UsageError as error:
        assert "\n" not in str(error)  # noqa: PT017
