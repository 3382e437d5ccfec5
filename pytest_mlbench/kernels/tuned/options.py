"""The keys of `--mlbench-config` that the library understands, and their values."""

from __future__ import annotations

PREFER = "prefer"
CYCLES, ROM, RAM = PREFERENCES = ("cycles", "rom", "ram")
"""What the choice of a kernel minimises; see `choice`."""

WINOGRAD = "winograd"
WINOGRAD_VALUES = ("on", "off")
"""Whether `dext` may use Winograd's convolution; see `dext/winograd.py`."""
