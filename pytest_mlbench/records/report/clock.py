"""From cycles to time, for a clock rate that the user names. Nothing is measured in seconds."""

from __future__ import annotations


def milliseconds(cycles: int | None, clock: int) -> str:
    """Three digits after the point from 0.1 ms on, below that three that count."""
    if cycles is None:
        return "-"
    time = 1000 * cycles / clock
    return f"{time:,.3f}" if time >= 0.1 or not time else f"{time:.3g}"
