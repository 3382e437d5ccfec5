"""From cycles to time, for a clock rate that the user names. Nothing is measured in seconds."""

from __future__ import annotations

import re

_UNITS = {"hz": 1, "khz": 1_000, "mhz": 1_000_000, "ghz": 1_000_000_000}


def parse_clock(text: str) -> int:
    """`100MHz`, `1.2 GHz`, `32768Hz` -> Hz. Raises ValueError saying what was expected."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kKmMgG]?[hH][zZ])", text.strip())
    rate = round(float(match[1]) * _UNITS[match[2].lower()]) if match else 0
    if rate < 1:
        raise ValueError("a clock rate like 100MHz")
    return rate


def milliseconds(cycles: int | None, clock: int) -> str:
    """Three digits after the point from 0.1 ms on, below that three that count."""
    if cycles is None:
        return "-"
    time = 1000 * cycles / clock
    return f"{time:,.3f}" if time >= 0.1 or not time else f"{time:.3g}"
