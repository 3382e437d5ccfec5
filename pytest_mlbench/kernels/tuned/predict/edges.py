"""Instructions of mlbench_tuned_gather (patch.c) for all patches that reach an edge of the image,
counted in GCC's code at -O3 for RV32."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from .convolution import gather

if TYPE_CHECKING:
    from .facts import Facts

CALL = 50
"""A call, its frame and what it computes before the first row."""

COLUMNS = 48
"""Around a run of columns: a row of the filter."""


def gathered(layer: Facts) -> tuple[int, float]:
    """How many patches of an image reach an edge, and what gathering them takes."""
    rows, columns = _side(layer, "h"), _side(layer, "w")
    number, total = 0, 0.0
    for (up, down, tall), high in rows.items():
        for (before, behind, wide), across in columns.items():
            if tall and wide:
                continue
            number += high * across
            if layer["dilation_w"] != 1:
                total += high * across * gather(layer)
                continue
            outside = up + down
            row = _row(layer, before, behind)
            width = layer["filter_w"] * layer["input_c"]
            each = CALL + COLUMNS + (layer["filter_h"] - outside) * row
            total += high * across * (each + outside * (12 + _fill(width)))
    return number, total


def _side(layer: Facts, side: str) -> Counter[tuple[int, int, bool]]:
    """Along one side: the taps in front of the image and behind it, and whether there are none as
    conv2d.c tells; how many patches there are of each."""
    taps, size = layer[f"filter_{side}"], layer[f"input_{side}"]
    step = layer[f"dilation_{side}"]
    found: Counter[tuple[int, int, bool]] = Counter()
    for at in range(layer[f"output_{side}"]):
        start = at * layer[f"stride_{side}"] - layer[f"padding_{side}"]
        places = [start + tap * step for tap in range(taps)]
        before, behind = sum(one < 0 for one in places), sum(one >= size for one in places)
        found[before, behind, 0 <= start < layer[f"inside_{side}"]] += 1
    return found


def _row(layer: Facts, before: int, behind: int) -> float:
    """A row of taps inside the image, some of which are in front of it or behind it."""
    c = layer["input_c"]
    count = (layer["filter_w"] - before - behind) * c
    total = 12.0 + sum(3 + _fill(taps * c) for taps in (before, behind) if taps)
    if layer["whole_words"]:
        return total + (6 + 5 * -(-count // 4) if count > 0 else 1)
    fours, rest = divmod(max(count, 0), 4)
    return total + (13 + 11 * fours if fours else 6) + (0, 5, 9, 11)[rest]


def _fill(count: int) -> float:
    """`fill`: a word at once if the place is aligned, which that of whole words is; else bytes."""
    fours, rest = divmod(count, 4)
    total = 4 + (0, 4, 7, 8)[rest]
    if count < 4:
        return total
    if count < 8:
        return total + 18
    return total + (21 + 4 * fours if rest == 0 else 14 + 6 * fours)
