"""OpenHW CV32E40P: four stages, in order, a microcontroller's core."""

from __future__ import annotations

from pathlib import Path

from pytest_mlbench.firmware.targets.cores.core import Core, Description

CORES = (
    Core(
        name="cv32e40p",
        folder=Path(__file__).parent,
        package="pythondata-cpu-cv32e40p",
        root="pythondata_cpu_cv32e40p/system_verilog",
        rtl_sha256="ee87d867d6d733f93e5ef46a2c4045895d1f0c4902f4c63bf615cf3b4ba4367d",
        isa="rv32imc",
        optional={"xpulp": {"COREV_PULP": 1}},
        # Its model is one function of 6,000 lines. In parts, it is compiled in two thirds of the
        # time and is as fast; models of other cores would become slower.
        verilog=("--output-split-cfuncs", "2000"),
        start_up=("MLBENCH_WITHOUT_PMP", "MLBENCH_START_COUNTERS", "MLBENCH_EVENTS"),
        events=(
            "run_load_stalls",
            "run_jump_stalls",
            "run_fetch_stalls",
            "run_loads",
            "run_stores",
            "run_jumps",
            "run_branches",
            "run_branches_taken",
        ),
        speed=2e6,
        cpi=1.3,
        description=Description(
            pipeline="4 stages, in order, one instruction a cycle at most",
            multiplier="mul 1 cycle, mulh 5; div 3 to 35",
            caches="none; a prefetch buffer of two words",
            memory="an instruction and a data port (OBI), each answering in the next cycle",
            licence="Solderpad 2.1",
        ),
    ),
)
