"""All cores, by name."""

from __future__ import annotations

from . import cv32e40p, ibex, picorv32, vexriscv

CORES = {
    core.name: core for module in (cv32e40p, ibex, picorv32, vexriscv) for core in module.CORES
}
"""A new core is one folder and one word here: docs/cores.md."""
