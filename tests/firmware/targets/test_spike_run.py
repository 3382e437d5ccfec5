"""Firmware on Spike: what a good run reports, and what becomes of each bad one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from bare_metal import HELLO, find_spike, firmware, hello_output, model, simulate

from pytest_mlbench import process
from pytest_mlbench.errors import BuildFailed, SimulationFailed, Unavailable, UsageError
from pytest_mlbench.firmware.elf import sections
from pytest_mlbench.firmware.targets.spike import dtb
from pytest_mlbench.firmware.targets.spike.target import MEMORY, SpikeTarget
from pytest_mlbench.isa import Isa

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.spike

SAMPLES = (bytes(16), bytes(range(16)), bytes([255]) * 16)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def failure(source: str, home: Path, **options) -> str:
    """The message of the run that fails."""
    built = firmware(source, home)
    with pytest.raises(SimulationFailed) as caught:
        simulate(built, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("isa", "optimize"),
    [
        ("rv32gc", "0"),
        ("rv32gc", "s"),
        ("rv32gc", "3"),
        ("rv32imac", "s"),
        ("rv32imc", "2"),
        ("rv32imafc", "1"),
        ("rv32gcv_zvl256b", "s"),
        ("rv64gc", "s"),
        ("rv64imac", "0"),
    ],
)
def test_outputs_are_the_models(home, isa, optimize):
    built = firmware(HELLO, home, isa=isa, optimize=optimize)

    report = simulate(built, SAMPLES, isa=isa)

    assert report.outputs == tuple((hello_output(sample),) for sample in SAMPLES)
    assert len(report.runs) == len(SAMPLES)
    assert all(run.cycles == run.instructions > 16 for run in report.runs)
    assert 0 < report.setup.instructions < 20
    assert 32 <= report.stack_peak < 512


def test_no_sample_gives_setup_only(home):
    report = simulate(firmware(HELLO, home), ())

    assert report.runs == () == report.outputs
    assert report.setup.instructions > 0


def test_repeated_runs_report_the_same(home):
    built = firmware(HELLO, home)

    assert simulate(built, SAMPLES) == simulate(built, SAMPLES)


def test_start_up_input_and_output_are_small(home):
    empty = firmware(model(inputs=(1,), outputs=(1,)), home)

    assert sections.sizes(empty.elf)["rom_code"] <= 740


def test_several_and_big_buffers(home):
    sizes_in, sizes_out = (3, 100_000, 1), (200_000, 2)
    source = model(
        """
        for (int i = 0; i < 100000; ++i) { out0[i] = in1[i]; out0[100000 + i] = in1[99999 - i]; }
        out1[0] = in0[2]; out1[1] = in2[0];
        for (int i = 0; i < 100000; ++i) in1[i] = 0;  /* inputs may be overwritten */
        return 0;""",
        inputs=sizes_in,
        outputs=sizes_out,
    )
    long = bytes(i % 251 for i in range(100_000))
    samples = tuple(b"ab" + bytes([n]) + long + bytes([n + 1]) for n in (7, 9))

    report = simulate(firmware(source, home), samples, outputs=sizes_out)

    assert report.outputs == tuple((long + long[::-1], bytes([n, n + 1])) for n in (7, 9))


def test_constructors_and_variables_are_ready_before_setup(home):
    source = model(
        "out0[0] = made; out0[1] = (uint8_t)zeroed; out0[2] = initialised[4]; return 0;",
        before="""
        static uint8_t made; static volatile uint32_t zeroed;
        static volatile uint8_t initialised[5] = {1, 2, 3, 4, 5};
        __attribute__((constructor)) static void make(void) { made = 42; }""",
    )

    assert simulate(firmware(source, home)).outputs == ((bytes([42, 0, 5, 0]),),)


def test_a_firmware_without_initialised_variables(home):
    """Nothing in .data: what follows must still lie above the stack."""
    source = model("out0[0] = in0[0] + 1; return 0;")
    for kind in ("input", "output"):
        short = "in" if kind == "input" else "out"
        source = source.replace(
            f"mlbench_{kind}s[1] = {{{{{short}0, sizeof {short}0}}}}", f"mlbench_{kind}s[1]"
        ).replace(
            "mlbench_setup(void) {",
            f"mlbench_setup(void) {{ mlbench_{kind}s[0].data = {short}0; "
            f"mlbench_{kind}s[0].bytes = 4;",
        )
    built = firmware(source, home)

    report = simulate(built, (b"\7\0\0\0",))

    assert sections.sizes(built.elf)["ram_data"] == 0
    assert report.outputs == ((b"\x08\0\0\0",),)


@pytest.mark.parametrize("isa", ["rv32gc", "rv64gc", "rv32imac"])
def test_libm_and_thread_local_variables_work(home, isa):
    """C libraries keep errno thread-local."""
    source = model(
        "volatile float huge = 1000; volatile float result = expf(huge);"
        "out0[0] = (uint8_t)kept++; out0[1] = zeroed; zeroed += 2; errno += 3; out0[2] = errno;"
        "out0[3] = result > 1e30f; return 0;",
        before="""
        #include <errno.h>
        #include <math.h>
        static _Thread_local volatile int kept = 5;
        static _Thread_local volatile uint8_t zeroed;""",
    )

    report = simulate(firmware(source, home, isa=isa), (bytes(4), bytes(4)), isa=isa)

    assert report.outputs == ((bytes([5, 0, 3, 1]),), (bytes([6, 2, 6, 1]),))


def test_a_section_that_start_up_would_not_fill_is_refused(home):
    source = model(
        "out0[0] = odd; return 0;",
        before='__attribute__((section(".odd"))) static volatile uint8_t odd = 1;',
    )
    with pytest.raises(BuildFailed, match=r"orphan section `\.odd'"):
        firmware(source, home)


def test_vector_code_runs_on_a_machine_with_vectors(home):
    assembly = """
      .globl vector_length
    vector_length:
      vsetvli a0, zero, e8, m1, ta, ma
      ret
    """
    from pytest_mlbench.firmware.components import Component

    source = model(
        "uint32_t n = vector_length(); out0[0] = (uint8_t)(n); out0[1] = (uint8_t)(n >> 8); "
        "return 0;",
        before="uint32_t vector_length(void);",
    )
    for bits in (128, 512):
        isa = f"rv32gcv_zvl{bits}b"
        components = (Component("model", texts={"model.c": source, "length.S": assembly}),)
        report = simulate(firmware(components, home, isa=isa), isa=isa)
        assert int.from_bytes(report.outputs[0][0], "little") == bits // 8


def test_stack_peak_is_the_depth_of_the_deepest_run(home):
    source = model(
        """
        volatile uint8_t deep[2048];
        if (in0[0]) for (int i = 0; i < 2048; ++i) deep[i] = 1;
        return 0;"""
    )
    built = firmware(source, home)

    shallow = simulate(built, (bytes(4),)).stack_peak
    deep = simulate(built, (bytes(4), b"\1\0\0\0", bytes(4))).stack_peak

    assert shallow < 600
    assert 2048 <= deep < 2048 + 600


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('__asm__ volatile("unimp");', "illegal instruction"),
        ('__asm__ volatile("ecall");', "ecall"),
        ('__asm__ volatile("ebreak");', "breakpoint"),
        ('__asm__ volatile("lw zero, 1(%0)" :: "r"(mlbench_inputs));', "misaligned load"),
        ('__asm__ volatile("sw zero, 0(%0)" :: "r"(0x80000000));', "store to 0x80000000 in ROM"),
        ('__asm__ volatile("lw zero, 0(%0)" :: "r"(0x70000000));', "load outside of memory"),
    ],
    ids=["illegal", "ecall", "ebreak", "misaligned", "rom", "nowhere"],
)
def test_a_trap_is_told_with_its_place(home, body, words):
    message = failure(model(setup=f"{body} return 0;"), home)

    assert words in message
    place = r"at pc 0x8000[0-9a-f]{4} in mlbench_setup(\+0x[0-9a-f]+)? \(model\.c:\d+\), in setup"
    assert re.search(place, message)


def test_a_trap_in_a_later_run_names_the_run(home):
    source = model('if (in0[0] == 2) __asm__ volatile("unimp"); return 0;')

    message = failure(source, home, samples=(b"\0\0\0\0", b"\1\0\0\0", b"\2\0\0\0"))

    assert "in run 3" in message


def test_a_trap_on_a_64_bit_machine(home):
    built = firmware(model(setup='__asm__ volatile("unimp"); return 0;'), home, isa="rv64gc")
    with pytest.raises(SimulationFailed, match=r"illegal instruction.* in mlbench_setup"):
        simulate(built, isa="rv64gc")


def test_a_vector_instruction_without_vectors_is_an_illegal_instruction(home):
    message = failure(model(setup='__asm__ volatile(".word 0x0c0572d7"); return 0;'), home)

    assert "illegal instruction 0x0c0572d7" in message
    assert "ISA" in message


def test_stack_overflow_is_told_as_one(home):
    source = model(
        "volatile uint32_t start = 1; return deeper(&start, 100000);",
        before="""
        __attribute__((noinline)) static int32_t deeper(volatile uint32_t *above, int32_t more) {
          volatile uint32_t frame[64];
          frame[0] = *above;
          return more ? deeper(frame, more - 1) + (int32_t)frame[3] : 0;
        }""",
    )

    message = failure(source, home)

    assert "stack overflow" in message
    assert "deeper" in message


def test_a_target_with_a_bigger_stack(home):
    source = model("volatile uint8_t deep[100000]; deep[0] = deep[99999] = 1; return 0;")
    big = SpikeTarget(name="big-stack", stack=128 << 10)

    assert "stack overflow" in failure(source, home)
    assert 100_000 < simulate(firmware(source, home, target=big)).stack_peak < 101_000


def test_destructors_are_left_out(home):
    source = model(before="__attribute__((destructor)) static void gone(void) { mlbench_setup(); }")
    plain = sections.sizes(firmware(model(), home).elf)

    assert sections.sizes(firmware(source, home).elf)["rom_total"] == plain["rom_total"]


def test_an_endless_loop_ends_at_the_time_limit(home):
    message = failure(model("for (;;) {}"), home, timeout=1)

    assert "did not end within 1 s (setup and 0 runs had ended, of 1 samples; it was at" in message
    assert re.search(r"at pc 0x8000[0-9a-f]{4} in mlbench_invoke \(model\.c:\d+\)", message)
    assert "--mlbench-timeout" in message


def test_a_status_of_the_backends_is_told(home):
    assert "failed in setup with code -7" in failure(model(setup="return -7;"), home)
    assert "failed in run 1 with code 3" in failure(model("return 3;"), home)


def test_samples_that_do_not_fit_are_told(home):
    message = failure(model(), home, samples=(b"12345",))

    assert "in run 2 input 0 needs 4 bytes, but 1 remained" in message


def test_outputs_that_do_not_fit_are_told(home):
    assert "expected output 0 of 8 bytes, found 4 bytes" in failure(model(), home, outputs=(8,))


def test_garbage_on_the_output_is_told(home):
    source = model(
        setup="""
        static volatile uint64_t block[8] = {64, 1, 0, 6};
        block[2] = (uintptr_t)"hello\\n";
        tohost[0] = (uintptr_t)block;
        while (fromhost[0] == 0) {}
        fromhost[0] = 0;
        return 0;""",
        before="extern volatile uintptr_t tohost[], fromhost[];",
    )

    message = failure(source, home)

    assert "garbled at byte 0: expected a frame, found 'hello" in message


def test_output_without_end_is_stopped(home):
    source = model(
        """
        static volatile uint64_t block[8] = {64, 1, 0, sizeof flood};
        block[2] = (uintptr_t)flood;
        for (;;) {
          block[0] = 64;
          tohost[0] = (uintptr_t)block;
          while (fromhost[0] == 0) {}
          fromhost[0] = 0;
        }""",
        before="extern volatile uintptr_t tohost[], fromhost[]; static uint8_t flood[1 << 20];",
    )

    assert "writes too much output" in failure(source, home, timeout=50)


def test_samples_without_input_are_refused(home):
    assert "the samples are empty" in failure(model(inputs=()), home, samples=(b"", b""))


def test_a_firmware_that_says_nothing(home):
    message = failure(
        model(
            setup="for (;;) tohost[0] = 1;",
            before="extern volatile uintptr_t tohost[];",
        ),
        home,
    )

    assert "ends early, in setup: expected frame SETUP" in message


def test_profile_counts_each_operator(home):
    source = model(
        """
        for (volatile int i = 0; i < 10; ++i) {}
        mlbench_profile_operator(0);
        for (volatile int i = 0; i < 1000; ++i) {}
        mlbench_profile_operator(1);
        return 0;"""
    )
    clean = firmware(source.replace("mlbench_profile_operator", "(void)"), home)
    profiling = firmware(source, home, defines=("MLBENCH_PROFILE",))

    report = simulate(profiling, (bytes(4), bytes(4)))
    total = simulate(clean).runs[0].instructions

    short, long = (row.instructions for row in report.profile)
    assert 20 < short < 100 < 3000 < long
    assert report.runs[0].instructions == report.runs[1].instructions
    assert 0 <= report.runs[0].instructions - total <= 40
    assert sum(row.instructions for row in report.profile) <= report.runs[0].instructions


def test_probe_sends_numbers_and_stops(home):
    source = model(
        "for (;;) {}",
        "mlbench_probe[1] = 77; return 0;",
        before="uint32_t mlbench_probe[3] = {5, 6, 4000000000u};"
        "const uint32_t mlbench_probe_count = 3;",
    )

    report = simulate(firmware(source, home, defines=("MLBENCH_PROBE",)), ())

    assert report.probe == (5, 77, 4_000_000_000)
    assert report.outputs == ()


@pytest.mark.parametrize("isa", ["rv32gc", "rv64gc"])
def test_counts_agree_with_spikes_own_log(home, tmp_path, isa):
    """The log holds every instruction: those between the zeroing and the reading are counted."""
    source = model(
        "uint32_t s = 0; for (int i = 0; i < 4; ++i) for (int j = 0; j < in0[i]; ++j) s += j * s;"
        "out0[0] = (uint8_t)s; return 0;",
        setup="static volatile int waste; for (int i = 0; i < 50; ++i) waste += i; return 0;",
    )
    built = firmware(source, home, isa=isa, optimize="2")
    sample = bytes([3, 200, 0, 41])
    report = simulate(built, (sample,), isa=isa)

    spelled = str(Isa.parse(isa).simulator)
    tree, log = tmp_path / "spike.dtb", tmp_path / "log"
    tree.write_bytes(dtb.flatten(dtb.spike_tree(spelled)))
    done = process.run(
        [
            find_spike().path,
            "-l",
            f"--log={log}",
            f"--isa={spelled}",
            f"--dtb={tree}",
            f"-m{MEMORY}",
            built.elf,
        ],
        timeout=120,
        stdin=sample,
    )
    assert done.returncode == 0, done.error_text

    # `core   0: 0x80000170 (0xb0201073) csrw   minstret, zero`
    steps = [line.split(") ", 1)[1] for line in log.read_text().splitlines() if "(0x" in line]
    counts = {
        counter: _between(
            steps,
            lambda step, name=counter: step.startswith("csrw") and f"{name}, zero" in step,
            lambda step, name=counter: step.startswith("csrr") and step.endswith(name),
        )
        for counter in ("mcycle", "minstret")
    }
    assert counts["minstret"] == [report.setup.instructions, report.runs[0].instructions]
    assert counts["mcycle"] == [report.setup.cycles, report.runs[0].cycles]


def _between(steps, opens, closes) -> list[int]:
    """How many steps lie between the last opening one and each closing one."""
    counts, opened = [], None
    for number, step in enumerate(steps):
        if opens(step):
            opened = number
        elif closes(step):
            counts.append(number - opened - 1)
    return counts


def test_an_isa_that_is_none_is_refused():
    for call in (SpikeTarget().components, SpikeTarget().link_options):
        with pytest.raises(UsageError, match="not an ISA string"):
            call("riscv")


def test_a_missing_simulator_is_told(home):
    built = firmware(HELLO, home)
    with pytest.raises((Unavailable, UsageError), match="no program"):
        SpikeTarget(program="/nowhere/spike").run(
            built.elf, (), isa="rv32gc", outputs=(4,), timeout=5
        )


def test_a_damaged_elf_is_told(home, tmp_path):
    broken = tmp_path / "broken.elf"
    broken.write_bytes(firmware(HELLO, home).elf.read_bytes()[:300])
    with pytest.raises(SimulationFailed, match=r"broken\.elf"):
        SpikeTarget(program=str(find_spike().path)).run(
            broken, (), isa="rv32gc", outputs=(4,), timeout=20
        )
