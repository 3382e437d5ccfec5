from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from loopback import program

from pytest_mlbench.__main__ import main
from pytest_mlbench.firmware.targets.spike import program as simulator
from pytest_mlbench.provision import toolchain, tools
from pytest_mlbench.provision.pins import pins

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with nothing on PATH but a shell, and no settings in the environment."""
    for name in ("CACHE", "MIRROR", "OFFLINE", "TOOLCHAIN", "SPIKE", "STRICT"):
        monkeypatch.delenv(f"MLBENCH_{name}", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(toolchain, "_found", {})
    for find in (tools.cmake, tools.ninja):
        find.cache_clear()
    simulator._spikes.clear()


def rows(text: str) -> dict[str, tuple[str, str]]:
    """What was printed: name -> state and details."""
    found = {}
    for line in text.splitlines():
        state, name = line[:8].strip(), line[9:23].strip()
        found[name] = (state, line[24:])
    return found


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, tuple[str, str]]]:
    status = main(words)
    return status, rows(capsys.readouterr().out)


def test_doctor_on_a_bare_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spike = program(tmp_path / "spike", "echo 'Spike RISC-V ISA Simulator 9.9' >&2\n")
    status, found = run(capsys, "doctor", "--cache", str(tmp_path / "cache"), "--spike", str(spike))
    assert status == 1
    assert found["cache"] == ("ok", str(tmp_path / "cache"))
    assert found["spike"] == ("ok", f"9.9, sha256 {sha256(spike)} ({spike})")
    assert found["cmake"][0] == "ok"
    state, text = found["toolchain"]
    assert state == "missing"
    assert "apt-get install gcc-riscv64-unknown-elf" in text
    assert "Or let the first run or `mlbench provision` fetch it" in text
    text = "0 of 11 files in the cache; fetched when needed, else its twin is used"
    assert found["aww"] == ("note", text)
    assert list((tmp_path / "cache/debian").iterdir()) == [], "doctor fetches nothing"


def test_doctor_asks_nobody_offline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/a.c").touch()
    status, found = run(
        capsys, "doctor", "--cache", str(tmp_path / "cache"), "--offline", "--sources",
        "--source", f"muriscvnn={tmp_path}/lib",
    )  # fmt: skip
    assert status == 1
    for name, pin in pins().sources.items():
        state, text = found[name]
        assert pin.commit[:12] in text
        if name == "muriscvnn":
            assert state == "ok"
            assert f"local {tmp_path}/lib" in text
        else:
            assert (state, text.split(": ")[1]) == ("missing", "not here, offline")


def test_provision_offline_names_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, found = run(capsys, "provision", "--cache", str(tmp_path / "cache"), "--offline")
    assert status == 1
    assert found["toolchain"][0] == found["aww"][0] == found["vww"][0] == "missing"
    assert "aww/aww.tflite is not available" in found["aww"][1]
    assert found["sources"][0] == "note"


def test_provision_refuses_a_wrong_file_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin = pins().artifact("aww/aww.tflite")
    file = tmp_path / "mirror/files" / pin.sha256 / "aww.tflite"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"another model")
    status, found = run(
        capsys, "provision", "--cache", str(tmp_path / "cache"), "--offline",
        "--mirror", str(tmp_path / "mirror"),
    )  # fmt: skip
    assert status == 1
    assert hashlib.sha256(b"another model").hexdigest() in found["aww"][1]
    assert "is not available" in found["vww"][1]


def test_options_of_the_environment_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLBENCH_CACHE", str(tmp_path / "mine"))
    monkeypatch.setenv("MLBENCH_OFFLINE", "1")
    _, found = run(capsys, "doctor")
    assert found["cache"] == ("ok", str(tmp_path / "mine"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--mirror", "ftp://x"), "nor an http, https or file URL"),
        (("--mirror", "/no/such/mirror"), "is not a folder"),
        (("--source", "libb"), "NAME=VALUE"),
        (("--sources", "--source", "muriscv=/x"), "Did you mean 'muriscvnn'"),
    ],
)
def test_mistakes_end_with_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert main(["doctor", "--offline", "--cache", str(tmp_path / "cache"), *words]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.startswith("error: ")


def test_a_source_that_is_not_there_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = f"muriscvnn={tmp_path}/none"
    assert main(["doctor", "--cache", str(tmp_path / "cache"), "--source", source]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_an_answer_that_cannot_be_written_is_told() -> None:
    """Whatever the command is: `list` is quick."""
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "pytest_mlbench", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "error: cannot write the answer: No space left on device\n"
