"""The keys of `--mlbench-config` that the backend understands."""

from __future__ import annotations

PREFER = "prefer"
"""The key of `--mlbench-config` with `ram` for bands of rows (`passes/bands.py`). Kernel libraries
may choose by it, too."""
