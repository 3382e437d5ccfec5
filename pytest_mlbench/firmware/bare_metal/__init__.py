"""Code shared by bare-metal targets: start-up code, main loop, linker script, output protocol.

Code for a single target is in that target's folder under `targets/`.
"""

from __future__ import annotations
