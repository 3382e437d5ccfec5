from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.gate import baseline, baseline_lines, baseline_yaml
from pytest_mlbench.records.gate.compare import compare

if TYPE_CHECKING:
    from pathlib import Path


def text_of(**changes: Any) -> str:
    return baseline.dumps([synthetic.record(**changes)])


def test_the_file_keeps_what_a_comparison_needs() -> None:
    records = synthetic.zoo()
    read = baseline.loads(baseline.dumps(records), where="b.yaml")
    assert sorted(read) == sorted(record.case for record in records)
    for record in records:
        kept = read[record.case]
        assert kept.metrics == record.metrics
        assert kept.params == record.params
        assert compare(kept, record).state == "equal"
        assert {row["name"]: row["size"] for row in kept.symbols} == {
            row["name"]: row["size"] for row in record.symbols
        }
        assert list(kept.operators) == [
            {key: row[key] for key in row if key != "bytes"} for row in record.operators
        ]


def test_order_of_records_does_not_change_a_byte() -> None:
    records = synthetic.zoo()
    text = baseline.dumps(records)
    shuffled = records[:]
    random.Random(1).shuffle(shuffled)
    assert shuffled != records
    assert baseline.dumps(shuffled) == text
    assert baseline.dumps(baseline.loads(text, where="").values()) == text


def test_the_file_is_made_for_review() -> None:
    before, after = synthetic.record(), synthetic.grown(synthetic.record(), "mlbench_conv2d", 4)
    one, two = (baseline.dumps([record]).splitlines() for record in (before, after))
    changed = [(a.strip(), b.strip()) for a, b in zip(one, two, strict=True) if a != b]
    assert changed == [
        ("rom_code: 1848", "rom_code: 1852"),
        ("rom_total: 4424", "rom_total: 4428"),
        ("kernels: {ram: 0, rom: 1452}", "kernels: {ram: 0, rom: 1456}"),
        ("kernels .text mlbench_conv2d: 812", "kernels .text mlbench_conv2d: 816"),
    ]


def test_only_passed_records_are_written() -> None:
    bad = [
        replace(synthetic.record(), outcome="failed", reason="mismatch"),
        replace(synthetic.record("resnet"), outcome="skipped"),
    ]
    assert baseline.loads(baseline.dumps(bad), where="") == {}


def test_a_partial_run_touches_no_other_case() -> None:
    old = baseline.loads(baseline.dumps(synthetic.zoo()), where="")
    again = synthetic.record(scale=2.0)
    new = synthetic.record("vww")
    merged = baseline.merge(old, [again, new])
    assert merged.replaced == (again.case,)
    assert merged.added == (new.case,)
    assert len(merged.records) == len(old) + 1
    blocks, before = baseline.dumps(merged.records.values()), baseline.dumps(old.values())
    others = {case: record for case, record in old.items() if case != again.case}
    kept = baseline.loads(blocks, where="")
    assert {case: kept[case] for case in others} == {
        case: baseline.loads(before, where="")[case] for case in others
    }


def test_failed_skipped_and_partly_measured_results_are_not_taken() -> None:
    old = {record.case: record for record in synthetic.zoo()}
    failed = replace(synthetic.record(), outcome="failed", reason="trap")
    build_only = synthetic.record("resnet")
    sizes = {key: value for key, value in build_only.metrics.items() if "cycles" not in key}
    merged = baseline.merge(old, [failed, replace(build_only, metrics=sizes)])
    assert dict(merged.records) == old
    reasons = dict(merged.kept)
    assert reasons[failed.case] == "it was failed in this run"
    assert reasons[build_only.case] == (
        "this run did not measure its Setup Cycles, Run Cycles, Run Cycles Min and 2 more"
    )


def test_an_earlier_profile_stays_while_no_number_changes() -> None:
    profiled = synthetic.record()
    old = {profiled.case: profiled}
    same = baseline.merge(old, [synthetic.record(profile=False)]).records[profiled.case]
    assert same.operators == profiled.operators
    for changed in (
        synthetic.record(profile=False, metrics={"stack_peak": 513}),
        synthetic.grown(synthetic.record(profile=False), "_start", 2),
    ):
        kept = baseline.merge(old, [changed]).records[profiled.case]
        assert not any("cycles" in row for row in kept.operators)


def test_writing_is_atomic_and_leaves_equal_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "deep" / "baseline.yaml"
    assert baseline.write(path, synthetic.zoo())
    stamp = path.stat().st_mtime_ns, path.stat().st_ino
    assert not baseline.write(path, synthetic.zoo())
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == stamp
    text = path.read_text()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UsageError, match="No space left on device"):
        baseline.write(path, [synthetic.record(scale=3)])
    assert path.read_text() == text
    assert [entry.name for entry in path.parent.iterdir()] == ["baseline.yaml"]


BAD = {
    "truncated": (lambda text: text[: len(text) // 2].rsplit("\n", 1)[0] + "\n  x: [", "line"),
    "not yaml": (lambda text: "{", "line 2"),
    "a list": (lambda text: "- 1\n", "no table of 'cases'"),
    "empty": (lambda text: "", "no table of 'cases'"),
    "another schema": (lambda text: text.replace("schema: 1", "schema: 2"), "baseline schema 2"),
    "unknown key": (lambda text: text + "case: 1\n", "unknown key 'case'"),
    "unknown block key": (
        lambda text: text.replace("    metrics:", "    metric:"),
        "Did you mean 'metrics'",
    ),
    "unknown metric": (
        lambda text: text.replace("rom_misc:", "rom_mist:"),
        "unknown metric 'rom_mist'. Did you mean 'rom_misc'",
    ),
    "fraction": (lambda text: text.replace("rom_misc: 16", "rom_misc: 16.5"), "rom_misc is 16.5"),
    "negative": (lambda text: text.replace("rom_misc: 16", "rom_misc: -1"), "rom_misc is -1"),
    "text": (lambda text: text.replace("rom_misc: 16", "rom_misc: x"), "rom_misc is 'x'"),
    "bool": (lambda text: text.replace("rom_misc: 16", "rom_misc: yes"), "rom_misc is True"),
    "double": (
        lambda text: text.replace("rom_misc: 16", "rom_misc: 16\n      rom_misc: 17"),
        "'rom_misc' is here twice",
    ),
    "conflict": (
        lambda text: text.replace("    metrics:", "<<<<<<< HEAD\n    metrics:"),
        "conflict marker of git",
    ),
    "symbol": (
        lambda text: text.replace("kernels .text mlbench_conv2d", "mlbench_conv2d"),
        "not a component, a section and a name",
    ),
    "operator": (lambda text: text.replace("index: 0, ", ""), "not an operator"),
    "tag": (lambda text: text.replace("rom_misc: 16", "rom_misc: !!python/name:os.system"), "line"),
    "recursive": (lambda text: "schema: 1\ncases: &a {x: *a}\n", "line 2"),
    "no params": (
        lambda text: "schema: 1\ncases: {a: {metrics: {}}}\n",
        "params is missing",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_damaged_file_is_refused_in_a_sentence(name: str) -> None:
    damage, says = BAD[name]
    text = damage(text_of())
    assert text != text_of(), "the damage must be real"
    with pytest.raises(UsageError) as caught:
        baseline.loads(text, where="b.yaml")
    assert str(caught.value).startswith("b.yaml: ")
    assert says in str(caught.value)


@given(st.integers(0, 5000), st.binary(min_size=1, max_size=8))
def test_random_damage_is_never_a_traceback(place: int, junk: bytes) -> None:
    text = text_of()
    position = place % len(text)
    damaged = text[:position] + junk.decode("latin-1") + text[position + len(junk) :]
    try:
        baseline.loads(damaged, where="b.yaml")
    except UsageError as error:
        assert "b.yaml" in str(error)  # noqa: PT017


def test_a_missing_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Write it with --mlbench-baseline .* --mlbench-save"):
        baseline.read(tmp_path / "none.yaml")


# Files from anywhere

BOMB = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}, *a{n}, *a{n}, *a{n}, *a{n}, *a{n}, *a{n}, *a{n}]\n"
    for n in range(12)
)


def test_aliases_are_refused_at_once() -> None:
    for text in (
        BOMB + "schema: 1\ncases: *a12\n",
        "schema: 1\nx: &a {}\ncases: {<<: *a}\n",
        "schema: 1\ncases: &a {b: {params: {}, metrics: {}, operators: [*a]}}\n",
    ):
        with pytest.raises(UsageError, match="alias"):
            baseline.loads(text, where="b.yaml")


def test_what_is_not_laid_out_as_a_baseline_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    text = baseline.dumps(synthetic.zoo()[:2]).replace("schema: 1", "schema:  1")
    assert len(baseline.loads(text, where="b.yaml")) == 2
    monkeypatch.setattr(baseline_yaml, "SLOW_LIMIT", 100)
    with pytest.raises(UsageError, match="not laid out as one"):
        baseline.loads(text, where="b.yaml")


@settings(deadline=None)  # PyYAML is slow, on a busy machine very slow
@given(
    st.integers(0, 10_000),
    st.lists(
        st.tuples(
            st.integers(0, 1 << 20),
            st.text("0123456789abyYnN:-?.,'\"[]{}&*# \n\t~<=_+eE\x07\u2028é", max_size=3),
        ),
        max_size=3,
    ),
)
def test_both_readers_read_alike(start: int, edits: list[tuple[int, str]]) -> None:
    """The fast one gives up, or reads what the general one reads."""
    whole = baseline.dumps(synthetic.zoo()[:2])
    head = whole.index("cases:")
    text = whole[:head] + whole[head : head + 1500 + start]
    text = text[: text.rindex("\n") + 1]
    for at, new in edits:
        at = head + at % (len(text) - head)
        text = text[:at] + new + text[at + len(new) // 2 :]
    fast = baseline_lines.read(text)
    if fast is not None:
        assert fast == baseline_yaml._load(text)


def test_a_hundred_cases_are_read_by_lines() -> None:
    """Which takes a moment only."""
    (record,) = synthetic.zoo()[:1]
    text = baseline.dumps(replace(record, case=f"case{number}") for number in range(100))
    assert baseline_lines.read(text) is not None
