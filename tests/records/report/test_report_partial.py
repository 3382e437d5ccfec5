"""Files of a stopped run say so, in a way that suits their format, and replace no whole run's."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import synthetic

from pytest_mlbench.__main__ import main
from pytest_mlbench.builtin import registry
from pytest_mlbench.records import record
from pytest_mlbench.records.extension import Format, Run
from pytest_mlbench.records.report import csv_file, exports
from pytest_mlbench.records.report.exports import bencher, github_action, pytest_benchmark
from pytest_mlbench.records.report.partial import READ, place
from pytest_mlbench.records.report.write import ReportView, Writer, text
from pytest_mlbench.script.results import Results
from pytest_mlbench.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

TOLD = ("baseline", "history add", "compare", "compare --markdown")
PART = "2 of 14 cases: the run was stopped before the others"
OWN = Format("own", "names", lambda rows: {"": "".join(f"{row.case}\n" for row in rows)})


def made(name: str, partial: str) -> str:
    if name == "json":
        return record.dumps(synthetic.zoo()[:2], partial=partial)
    return text(name, synthetic.zoo()[:2], ReportView(partial=partial))


@pytest.mark.parametrize("name", sorted(READ))
@pytest.mark.parametrize("partial", ["", PART])
def test_a_report_says_what_is_missing(name: str, partial: str) -> None:
    assert READ[name](made(name, partial)) == partial


@pytest.mark.parametrize("name", sorted(READ))
@pytest.mark.parametrize("damaged", ["", "{", "[", "\x00", "partial\n", '"a\n', "**", "<meta"])
def test_a_damaged_report_says_nothing(name: str, damaged: str) -> None:
    assert READ[name](damaged) == ""


@pytest.mark.parametrize("name", sorted(registry().formats))
def test_every_built_in_format_says_what_is_missing(name: str) -> None:
    form = registry().formats[name]
    assert form.part is not None
    for plain in form.files(synthetic.zoo()[:2]).values():
        marked = form.part.mark(plain, PART)
        assert (form.part.read(plain), form.part.read(marked)) == ("", PART)
    assert [form.part.read(damaged) for damaged in ("", "{", "[]", "[1]", "3")] == [""] * 5


def test_each_row_of_the_csv_says_it() -> None:
    rows = list(csv.DictReader(io.StringIO(made("csv", PART))))
    assert [row["partial"] for row in rows] == [PART, PART]
    whole = csv_file.dumps(synthetic.zoo()[:2])
    assert made("csv", PART).replace(f",{PART}", "").replace(",partial\n", "\n") == whole


def test_how_other_tools_see_it(tmp_path: Path) -> None:
    rows = synthetic.zoo()[:2]
    (path,) = exports.write(bencher.FORMAT, rows, tmp_path / "b.json", partial=PART)
    data = json.loads(path.read_text())
    assert data.pop(PART) == {"missing_cases": {"value": 12}}
    assert data == json.loads(bencher.dumps(rows))
    charts = exports.write(github_action.FORMAT, rows, tmp_path / "charts", partial=PART)
    entries = [entry for path in charts for entry in json.loads(path.read_text())]
    assert all(entry["extra"].endswith(f"; partial: {PART}") for entry in entries)
    (path,) = exports.write(pytest_benchmark.FORMAT, rows, tmp_path / "0001_a.json", partial=PART)
    command = [sys.executable, "-m", "pytest_benchmark", "compare", str(path), "--columns=min"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert re.search(r"aww-aot-\S*\[run_cycles\]", done.stdout)


def test_a_format_that_cannot_say_it_has_it_in_the_files_name(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    assert exports.write(OWN, synthetic.zoo()[:2], path) == [path]
    stopped = tmp_path / "own.stopped.txt"
    for asked in (False, True):
        written = exports.write(OWN, synthetic.zoo()[:1], path, partial=PART, asked=asked)
        assert written == [stopped]
    assert len(path.read_text().splitlines()) == 2


def test_a_stopped_run_leaves_every_export_of_a_whole_one(tmp_path: Path) -> None:
    formats = {**registry().formats, "own": OWN}
    targets = tuple((name, tmp_path / f"out.{name}") for name in formats)
    settings = Settings(extra={"export": targets})
    rows = tuple(synthetic.zoo())
    list(Writer(environment={}).finish(Run(rows, settings, formats=formats)))
    whole = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    assert len(whole) > len(formats)
    run = Run(rows[:2], settings, selected=len(rows), formats=formats)
    for _ in range(2):  # the second one replaces what the first one wrote
        list(Writer(environment={}).finish(run))
        now = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
        assert {path: now[path] for path in whole} == whole
        assert len(now) == 2 * len(whole)
        assert all(".stopped" in path.name for path in set(now) - set(whole))


def test_an_export_into_the_folder_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = type(tmp_path)()
    written = exports.write(github_action.FORMAT, synthetic.zoo()[:2], here, partial=PART)
    assert (tmp_path / "run_cycles.json").is_file()
    assert not any("stopped" in path.name for path in written)


def test_a_device_is_written_to(tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = (
        "import sys; from pathlib import Path; from pytest_mlbench.records.report.partial import *;"
        f"print(place(Path('/dev/stdout'), {PART!r}, READ['json']))"
    )
    with told.open("w") as stream:  # /dev/stdout is a regular file here
        subprocess.run([sys.executable, "-c", code], stdout=stream, check=True)
    assert told.read_text() == "/dev/stdout\n"


def test_what_cannot_be_read_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(b"\xff")
    assert place(path, PART, READ["json"]) == tmp_path / "r.stopped.json"


def test_results_in_a_script_keep_it(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(made("json", PART))
    found = Results.load(path).where(model="aww")
    assert found.partial == PART
    assert found.markdown().startswith(f"**{PART}.**\n")
    assert str(found).endswith(f"\n{PART}")
    assert READ["html"](found.html(tmp_path / "r.html").read_text()) == PART
    assert Results.load(found.save(tmp_path / "s.json")).partial == PART


@pytest.mark.parametrize("command", [*TOLD, "export bencher", "report"])
def test_commands_tell_it(
    tmp_path: Path,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    path, out = tmp_path / "r.json", tmp_path / "out"
    path.write_text(made("json", PART))
    words = {
        "baseline": ["baseline", str(path), "-o", str(out)],
        "history add": ["history", "add", str(path), "--history", str(out), "--commit", "HEAD"],
        "export bencher": ["export", "bencher", str(path), str(out)],
        "report": ["report", str(path), "--csv", str(out)],
        "compare": ["compare", str(path), str(path)],
        "compare --markdown": ["compare", str(path), str(path), "--markdown"],
    }[command]
    if command == "history add":
        for git in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
            who = ["-c", "user.name=x", "-c", "user.email=x"]
            subprocess.run(["git", *who, *git], cwd=tmp_path, check=True)
    assert main(words) == 0
    told = capsys.readouterr().out if command in TOLD else out.read_text()
    assert PART in told
