"""All cores, by name."""

from __future__ import annotations

from . import cv32e40p, ibex, picorv32, vexriscv

CORES = {
    core.name: core for module in (cv32e40p, ibex, picorv32, vexriscv) for core in module.CORES
}
"""To add a core, write a folder and add its name here: docs/cores.md."""
