"""Instructions of transpose_conv.c: its convolutions, and copies of their outputs' pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .copies import copy_rows, places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .facts import Facts

    Formulas = Mapping[str, Callable[[Facts], float]]

FIELDS = {"run": "conv", "run_vector": "vector_conv", "run_planes": "planes_conv"}
"""A phase's function -> the field that points to its struct."""

CALL = 42


def transpose_conv(layer: Facts, formulas: Formulas, prefix: str) -> float:
    """mlbench_tuned_transpose_conv: phase by phase.

    formulas  of the convolutions' functions, by their names without `prefix`
    """
    total = 0.0 + CALL
    channels = layer["channels"]
    for phase in layer.all_of("phase"):
        run = next(field for field in FIELDS if phase.name(field))
        total += formulas[phase.name(run).removeprefix(prefix)](phase.inner(FIELDS[run]))
        loops = [
            (layer["images"], layer["image"], phase["made_image"]),
            (phase["rows"], layer["row_step"], phase["made_row"]),
        ]
        at = places(phase["first"], 0, loops)
        total += 20 + layer["images"] * (14 + 14 * phase["rows"])
        total += copy_rows(layer.machine, at, phase["columns"], layer["step"], channels, channels)
    return total
