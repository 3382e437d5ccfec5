"""The keys of `--mlbench-config` that the library understands, and their values."""

from __future__ import annotations

WINOGRAD = "winograd"
WINOGRAD_VALUES = ("on", "off")
"""Whether `dext` may use Winograd's convolution; see `dext/winograd.py`."""
