"""The commands of `mlbench`: one module each.

A command module has `HELP`, a sentence; `add_arguments(parser)`; and `run(arguments) -> int`,
the exit status. It imports what it needs inside `run`.
"""

from __future__ import annotations
