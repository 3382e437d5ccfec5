"""Benchmarks from a script or notebook, without a pytest file: `from pytest_mlbench import Study`.

pandas and matplotlib are imported when a frame or a plot is asked for (extra `script`).
"""

from __future__ import annotations

from .results import Results
from .study import Study

__all__ = ["Results", "Study"]
