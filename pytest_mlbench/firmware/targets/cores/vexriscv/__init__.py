"""VexRiscv in its configuration Full, as LiteX builds it: five stages and two caches."""

from __future__ import annotations

from pathlib import Path

from pytest_mlbench.firmware.targets.cores.core import Core, Description

CACHE, LINE = 4096, 32

CORES = (
    Core(
        name="vexriscv",
        folder=Path(__file__).parent,
        package="pythondata-cpu-vexriscv",
        root="pythondata_cpu_vexriscv/verilog",
        rtl_sha256="9a5547d73b63ceca573e21a827351bd53e117db71c9ad0e4b0f6e62e6c444d1e",
        isa="rv32im",
        start_up=(
            "MLBENCH_WITHOUT_PMP",
            f"MLBENCH_DATA_CACHE={CACHE}",
            f"MLBENCH_CACHE_LINE={LINE}",
            "MLBENCH_ROM_BASE=0x40000000",
        ),
        # Addresses with the top bit set go past its data cache.
        rom=0x4000_0000,
        ram=0x6000_0000,
        own_counts=1,
        speed=4e6,
        cpi=2.3,
        description=Description(
            pipeline="5 stages, in order, static branch prediction",
            multiplier="pipelined over 4 stages; div 34",
            caches="instructions 4 KiB and data 4 KiB, direct-mapped, lines of 32 bytes; writes go "
            "through to memory",
            memory="two Wishbone ports, answering in the next cycle, a word a cycle in a burst",
            licence="MIT",
        ),
    ),
)
