"""PicoRV32: small and fast-clocked, several cycles for every instruction."""

from __future__ import annotations

from pathlib import Path

from pytest_mlbench.firmware.targets.cores.core import Core, Description

CORES = (
    Core(
        name="picorv32",
        folder=Path(__file__).parent,
        package="pythondata-cpu-picorv32",
        root="pythondata_cpu_picorv32/verilog",
        rtl_sha256="0b4932104f8ac0c2e75db1f3621dc20d376ba0c34c4225edb2cfc491a3597fcc",
        isa="rv32imc",
        start_up=("MLBENCH_WITHOUT_PMP", "MLBENCH_WITHOUT_CSRS"),
        speed=10e6,
        cpi=4.9,
        description=Description(
            pipeline="none: 3 cycles for most instructions, 5 for a load, store or taken branch",
            multiplier="fast multiplier; barrel shifter; div 40",
            caches="none",
            memory="one port for instructions and data, answering in the same cycle (look-ahead)",
            licence="ISC",
        ),
    ),
)
