"""Firmware on Spike: what a good run reports. `test_spike_failures.py` has the bad ones."""

from __future__ import annotations

import pytest
from bare_metal import HELLO, find_spike, firmware, hello_output, model, simulate

from pytest_mlbench import process
from pytest_mlbench.errors import BuildFailed
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.firmware.elf import sections
from pytest_mlbench.firmware.targets.spike import dtb
from pytest_mlbench.firmware.targets.spike.target import MEMORY, SpikeTarget
from pytest_mlbench.isa import Isa

pytestmark = pytest.mark.spike

SAMPLES = (bytes(16), bytes(range(16)), bytes([255]) * 16)


@pytest.mark.parametrize(
    ("isa", "optimize"),
    [
        ("rv32gc", "s"),
        ("rv32imac", "0"),
        ("rv32imc", "2"),
        ("rv32imafc", "1"),
        ("rv32gcv_zvl256b", "3"),
        ("rv64gc", "3"),
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
def test_variables_constructors_and_libm_work(home, isa):
    """C libraries keep errno thread-local."""
    source = model(
        "volatile float huge = 1000; volatile float result = expf(huge);"
        "out0[0] = (uint8_t)kept++; out0[1] = zeroed; zeroed += 2; errno += 3; out0[2] = errno;"
        "out0[3] = result > 1e30f;"
        "out0[4] = made; out0[5] = (uint8_t)plain; out0[6] = initialised[4]; return 0;",
        before="""
        #include <errno.h>
        #include <math.h>
        static _Thread_local volatile int kept = 5;
        static _Thread_local volatile uint8_t zeroed;
        static uint8_t made; static volatile uint32_t plain;
        static volatile uint8_t initialised[5] = {1, 2, 3, 4, 5};
        __attribute__((constructor)) static void make(void) { made = 42; }""",
        outputs=(7,),
    )

    report = simulate(firmware(source, home, isa=isa), (bytes(4), bytes(4)), isa=isa, outputs=(7,))

    first, second = (found for (found,) in report.outputs)
    assert (first[:4], second[:4]) == (bytes([5, 0, 3, 1]), bytes([6, 2, 6, 1]))
    assert first[4:] == second[4:] == bytes([42, 0, 5])


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
    source = model(
        "uint32_t n = vector_length(); out0[0] = (uint8_t)(n); out0[1] = (uint8_t)(n >> 8); "
        "return 0;",
        before="uint32_t vector_length(void);",
    )
    components = (Component("model", texts={"model.c": source, "length.S": assembly}),)
    built = firmware(components, home, isa="rv32gcv_zvl128b")
    for bits in (128, 512):
        report = simulate(built, isa=f"rv32gcv_zvl{bits}b")
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


def test_destructors_are_left_out(home):
    source = model(before="__attribute__((destructor)) static void gone(void) { mlbench_setup(); }")
    plain = sections.sizes(firmware(model(), home).elf)

    assert sections.sizes(firmware(source, home).elf)["rom_total"] == plain["rom_total"]


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
    small = SpikeTarget(stack=4 << 10)  # each region fills and searches it: rows of the log
    built = firmware(source, home, isa=isa, optimize="2", target=small)
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
