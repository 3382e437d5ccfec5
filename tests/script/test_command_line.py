"""`mlbench`: listing, running without a test file, cleaning the cache, completion."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench import process
from pytest_mlbench.__main__ import main, parser
from pytest_mlbench.provision import usage
from pytest_mlbench.provision.cache import Cache
from pytest_mlbench.records.gate.judge import accept_command
from pytest_mlbench.script.commands.run import pytest_arguments

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("MLBENCH_")]:
        monkeypatch.delenv(name)
    return tmp_path


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, list[dict[str, Any]]]:
    assert main(["list", "--json", *arguments]) == 0
    found: dict[str, list[dict[str, Any]]] = json.loads(capsys.readouterr().out)
    return found


def test_everything_that_can_be_asked_for_is_listed(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {kind: {row["name"] for row in rows} for kind, rows in listed(capsys).items()}
    assert {"aww", "aww_twin", "resnet"} <= found["models"]
    assert {"aot", "tflmi"} <= found["backends"]
    assert {"tuned", "dext", "vext", "cmsisnn"} <= found["features"]
    assert "spike" in found["targets"]
    assert {"run_cycles", "samples"} <= found["columns"]
    assert {"winograd", "arena"} <= found["config"]
    assert {"bencher", "github-action", "pytest-benchmark"} <= found["formats"]


def test_every_target_says_what_it_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["name"]: row["help"] for row in listed(capsys, "targets")["targets"]}
    assert rows["spike"] == "rv32gc, the ISA simulator Spike; one cycle for each instruction"
    assert all(len(text) > 30 for text in rows.values())
    assert len(set(rows.values())) == len(rows)


def test_every_config_key_says_what_takes_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {row["name"]: row["help"] for row in listed(capsys, "config")["config"]}
    assert rows["arena"] == "of backend tflmi"
    assert rows["lto"] == rows["reset"] == "on or off; of every case"
    assert not [key for key, text in rows.items() if text.endswith("of ")]


def test_a_folders_own_parts_are_listed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "conftest.py").write_text(
        "from pytest_mlbench.api import Format\n\n"
        "def pytest_mlbench_formats():\n"
        "    return [Format('lines', 'a line per case', lambda records: {'': ''})]\n"
    )
    assert "lines" in {row["name"] for row in listed(capsys, "formats")["formats"]}
    (here / "conftest.py").write_text("import no_such_module\n")
    assert main(["list"]) == 2
    assert "conftest.py: cannot be imported: ModuleNotFoundError" in capsys.readouterr().err


def test_an_unknown_kind_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "modles"]) == 2
    assert "Did you mean 'models'?" in capsys.readouterr().err


def test_run_is_pytest_with_the_same_options() -> None:
    parsed = parser().parse_args(
        [
            *("run", "aww", "my.tflite", "--features", "tuned,dext", "--mlbench-features=_"),
            *("--profile", "-n", "2", "-x", "--json", "r.json"),
        ]
    )
    parsed.rest = ["-k", "O3"]
    words = pytest_arguments(parsed)
    assert words[:4] == ["-p", "pytest_mlbench.plugin.bare", "--rootdir=.", "."]
    assert words[4] == "-W"
    assert words[6:] == [
        *("--mlbench-model=aww", "--mlbench-model=my.tflite"),
        *("--mlbench-features=tuned,dext", "--mlbench-features=_"),
        *("--mlbench-profile", "--mlbench-json=r.json", "-n", "2", "-x", "-k", "O3"),
    ]


def test_run_works_where_the_ini_file_makes_errors_of_warnings(here: Path) -> None:
    (here / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    command = [
        sys.executable,
        "-m",
        "pytest_mlbench",
        "run",
        "toycar",
        "--",
        "--collect-only",
        "-q",
    ]
    done = process.run(command, timeout=60, cwd=here)
    assert "aot-_-O3]" in done.text  # toycar, or its twin where it cannot be fetched
    assert done.returncode == 0


def test_the_command_that_accepts_a_change_is_the_users_own(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    assert accept_command(["run", "aww", "--baseline", "b.yaml"], path) == (
        "mlbench run aww --baseline b.yaml --mlbench-save"
    )
    assert accept_command(["run", "aww", "--", "-k", "Os"], path) == (
        f"mlbench run aww --mlbench-baseline={path} --mlbench-save -- -k Os"
    )
    assert accept_command(["tests"], path).startswith("pytest tests --mlbench-baseline=")


def test_clean_says_what_is_there_and_removes_what_is_old(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = Cache(here / "cache")
    for kind, key, size in (("files", "old", 1000), ("files", "new", 500), ("tools", "t", 10)):
        cache.entry(kind, key, lambda folder, size=size: (folder / "data").write_bytes(bytes(size)))
    month_ago = time.time() - 30 * 86_400
    for path in (cache.root / "files" / "old").iterdir():
        os.utime(path, (month_ago, month_ago))
    flags = ["--cache", str(cache.root)]
    assert main(["clean", *flags]) == 0
    said = capsys.readouterr().out
    assert "files             2 entries" in said
    assert "all               3 entries" in said
    assert main(["clean", *flags, "--older-than", "7", "--dry-run"]) == 0
    assert "1 to remove" in capsys.readouterr().out
    assert len(usage.entries(cache)) == 3
    assert main(["clean", *flags, "--older-than", "7"]) == 0
    assert [entry.name for entry in usage.entries(cache)] == ["new", "t"]
    assert main(["clean", *flags, "--kind", "fils", "--all"]) == 2
    assert "Did you mean 'files'?" in capsys.readouterr().err
    assert main(["clean", *flags, "--kind", "files", "--all"]) == 0
    assert [entry.name for entry in usage.entries(cache)] == ["t"]
    assert not (cache.root / "files" / "new").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_completion_script_knows_commands_and_options(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for word in ("provision", "--features", "--older-than"):
        assert word.removeprefix("--") in script


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ru"], "mlbench: error: unknown command 'ru'. Did you mean 'run'?"),
        (["run", "--feature", "tuned"], "arguments: --feature. Did you mean '--features'?"),
        (["list", "--zzz=1"], "unrecognized arguments: --zzz=1. See mlbench list --help"),
    ],
)
def test_a_mistyped_command_or_option_is_told_the_nearest(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err
