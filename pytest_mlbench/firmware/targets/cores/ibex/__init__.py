"""lowRISC Ibex in two of the configurations that its ibex_configs.yaml names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_mlbench.firmware.targets.cores.core import Core, Description

SMALL = Core(
    name="ibex-small",
    folder=Path(__file__).parent,
    package="pythondata-cpu-ibex",
    root="pythondata_cpu_ibex/system_verilog",
    rtl_sha256="9006591cde8b2a9f1a4ea978f6b482be066035aff59a0780872d27dad12503f7",
    isa="rv32imc",
    verilog=("-DSYNTHESIS",),
    start_up=("MLBENCH_WITHOUT_PMP", "MLBENCH_START_COUNTERS", "MLBENCH_EVENTS"),
    traps_access=True,
    events=(
        "run_load_stalls",
        "run_fetch_stalls",
        "run_loads",
        "run_stores",
        "run_jumps",
        "run_branches",
        "run_branches_taken",
        "",
        "run_multiply_stalls",
        "run_divide_stalls",
    ),
    speed=5e6,
    cpi=2.0,
    description=Description(
        pipeline="2 stages, in order; a load or store takes 2 cycles, a taken branch 3",
        multiplier="mul 3 cycles, mulh 4; div 37",
        caches="none; a prefetch buffer of three words",
        memory="an instruction and a data port, each answering in the next cycle",
        licence="Apache-2.0",
    ),
)

MAXPERF = replace(
    SMALL,
    name="ibex",
    parameters={"SINGLE_CYCLE_MULTIPLIER": 1, "BRANCH_TARGET_ALU": 1, "WRITEBACK_STAGE": 1},
    own_counts=2,
    speed=5e6,
    cpi=1.2,
    description=replace(
        SMALL.description,
        pipeline="3 stages (with writeback), in order; a taken branch takes 2 cycles",
        multiplier="mul 1 cycle, mulh 2; div 37",
    ),
)

CORES = (MAXPERF, SMALL)
