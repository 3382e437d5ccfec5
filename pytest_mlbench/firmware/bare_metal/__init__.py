"""What bare-metal targets share: start-up code, main loop, linker script, and the way results come
out of the firmware. What is one target's own is in its folder under `targets/`."""

from __future__ import annotations
