"""Cores as data: file lists, ISAs, the bench's lines, comparison with Spike. No tool is run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from pytest_mlbench.errors import FetchRefused, SimulationFailed, UsageError
from pytest_mlbench.firmware.bare_metal import wire
from pytest_mlbench.firmware.target import Counters, Simulation
from pytest_mlbench.firmware.targets.cores import compare, rtl, status
from pytest_mlbench.firmware.targets.cores.catalogue import CORES
from pytest_mlbench.firmware.targets.cores.core import FILES, WRAPPER, read_file_list
from pytest_mlbench.firmware.targets.cores.target import CoreTarget
from pytest_mlbench.provision.pins import pins
from pytest_mlbench.records.metrics import METRICS

CV32E40P, IBEX = CORES["cv32e40p"], CORES["ibex"]


def test_a_file_list_has_files_and_folders_in_order():
    found = read_file_list("// a comment\n+incdir+rtl/include\n\nrtl/b.sv // why\nrtl/a.sv\n")

    assert found.sources == (PurePosixPath("rtl/b.sv"), PurePosixPath("rtl/a.sv"))
    assert found.include == (PurePosixPath("rtl/include"),)


@pytest.mark.parametrize("core", CORES.values(), ids=str)
def test_a_core_is_complete(core):
    assert (core.folder / WRAPPER).is_file()
    assert read_file_list((core.folder / FILES).read_text(encoding="utf-8")).sources
    assert core.package in pins().bundles
    assert set(filter(None, core.events)) <= set(METRICS)
    assert len(core.rtl_sha256) == 64
    assert all(vars(core.description).values())


@pytest.mark.parametrize("isa", ["rv32imc", "rv32im", "rv32i", "rv32imc_zicsr"])
def test_an_isa_that_the_core_has_is_taken(isa):
    CV32E40P.check(isa)


@pytest.mark.parametrize(
    ("isa", "lacks"),
    [
        ("rv32gc", "a, f, d"),
        ("rv32imac", "a"),
        ("rv32imcv_zvl128b", "v, zvl128b"),
        ("rv64imc", "64 bits"),
        ("rv32imc_zba", "zba"),
    ],
)
def test_an_isa_that_the_core_lacks_is_refused_with_what_it_has(isa, lacks):
    with pytest.raises(UsageError, match=f"has rv32imc, and {isa} is asked for: it lacks {lacks}"):
        CV32E40P.check(isa)


@pytest.mark.parametrize("text", ["-1", "x", "1001", "1.5"])
def test_wait_states_are_numbers_of_cycles(text):
    with pytest.raises(UsageError, match="not a number of cycles from 0 to 1000"):
        CoreTarget(CV32E40P).for_case({"rom_wait": text}, None)


def test_a_case_sets_wait_states_and_samples():
    made = CoreTarget(CV32E40P).for_case({"rom_wait": "3"}, 5)

    assert (dict(made.waits), made.samples) == ({"rom_wait": 3}, 5)
    assert CoreTarget(CV32E40P).for_case({}, None).samples is None


def fake_rtl(folder, core, content="module m; endmodule\n"):
    files = read_file_list((core.folder / FILES).read_text(encoding="utf-8"))
    for name in files.sources:
        place = folder / core.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
    return rtl.digest(folder / core.root, files)


def test_another_rtl_is_refused(tmp_path):
    core = CORES["picorv32"]
    digest = fake_rtl(tmp_path, core)

    assert rtl.find(replace(core, rtl_sha256=digest), tmp_path).digest == digest
    with pytest.raises(FetchRefused, match=f"expected sha256 {core.rtl_sha256}, found {digest}"):
        rtl.find(core, tmp_path)


def test_rtl_of_ones_own_is_pinned_by_the_digest_that_the_message_gives(tmp_path):
    """docs/cores.md, "A core of your own"."""
    digest = fake_rtl(tmp_path, CORES["picorv32"])
    core = replace(CORES["picorv32"], package="my-core 1.0", rtl=tmp_path, rtl_sha256="")

    with pytest.raises(FetchRefused, match="expected sha256 none, found") as refused:
        rtl.find(core, tmp_path)
    assert f'rtl_sha256="{digest}"' in refused.value.remedy
    assert rtl.find(replace(core, rtl_sha256=digest), tmp_path).digest == digest


def test_a_missing_file_of_the_rtl_is_named(tmp_path):
    core = CORES["picorv32"]
    fake_rtl(tmp_path, core)
    (tmp_path / core.root / "picorv32.v").unlink()

    with pytest.raises(FetchRefused, match=r"it lacks .*picorv32\.v"):
        rtl.find(core, tmp_path)


def line(end="exit", **more):
    numbers = {"code": 0, "address": 0, "pc": 0x80000100, "cycles": 9, "instructions": 4, **more}
    words = ", ".join(f'"{key}": {value}' for key, value in numbers.items())
    return f'{{"end": "{end}", {words}}}\n'


def test_the_last_line_of_the_bench_counts():
    text = line("running") + line("exit", code=1) + "something else\n[1]\n"

    assert status.parse(text) == status.Status("exit", 1, 0, 0x80000100, 9, 4)
    assert status.parse("nothing\n") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (line("store", address=0x9FFFFFF0), "stack overflow"),
        (line("store", address=0x80001000), "store to 0x80001000 in ROM"),
        (line("load", address=0x10), "load outside of memory (address 0x00000010)"),
        (line("trap"), "stopped with its trap signal at pc 0x80000100 in here, in run 2"),
        (line("call", address=6), "invalid call to the host (address 0x00000006)"),
        (line("limit"), "its limit of 9 cycles"),
    ],
)
def test_a_bad_end_is_told_in_words(text, words):
    found = status.failure(status.parse(text), "ibex", during="run 2", locate=lambda _: "here")

    assert words in found.what
    assert "here" in found.what


def test_a_firmware_that_ended_by_itself_is_no_failure_of_the_bench():
    assert status.failure(status.parse(line()), "ibex", during="", locate=str) is None


def simulation(instructions=100, output=b"\1\2", runs=1, profile=0):
    count = Counters(instructions * 2, instructions)
    return Simulation(
        Counters(9, 6),
        (count,) * runs,
        ((output,),) * runs,
        0,
        profile=(count,) * profile,
    )


def test_a_core_that_did_what_spike_did_is_fine():
    compare.check(CV32E40P, simulation(), simulation(runs=3))
    compare.check(IBEX, simulation(102), simulation(100))
    compare.check(IBEX, simulation(106, profile=2), simulation(100, profile=2))
    assert compare.extra_instructions(simulation(102), simulation(100, runs=3)) == 2


@pytest.mark.parametrize(
    ("core", "found", "words"),
    [
        (CV32E40P, simulation(101), "run 1 took 101 instructions on the core and 100 on Spike"),
        (CV32E40P, simulation(99), "run 1 took 99 instructions"),
        (IBEX, simulation(103), "may count up to 2 more"),
        (CV32E40P, simulation(output=b"\1\3"), "byte 1: 0x03 on the core, 0x02 on Spike"),
    ],
)
def test_a_difference_to_spike_says_which(core, found, words):
    with pytest.raises(SimulationFailed, match="disagree") as caught:
        compare.check(core, found, simulation())

    assert words in caught.value.what


def frame(tag, payload):
    return bytes([tag, 0, 0, 0, len(payload), 0, 0, 0]) + payload


COUNTED = (7).to_bytes(8, "little") + (5).to_bytes(8, "little")
EVENTS = frame(10, (3).to_bytes(4, "little") + (2).to_bytes(4, "little"))


def test_events_belong_to_the_region_before_them():
    operator = frame(5, COUNTED + bytes(4)) + EVENTS
    run = frame(2, COUNTED) + EVENTS
    stream = frame(1, COUNTED) + EVENTS + operator + run + frame(3, b"x") + frame(4, bytes(4))

    found = wire.parse(stream, samples=1, outputs=(1,))

    assert found.setup == Counters(7, 5, (3, 2))
    assert found.profile == (Counters(7, 5, (3, 2)),)
    assert found.runs == (Counters(14, 10, (6, 4)),)


def test_events_amid_nothing_counted_are_garbled():
    with pytest.raises(SimulationFailed, match="found frame EVENTS"):
        wire.parse(EVENTS, samples=1, outputs=(1,))
