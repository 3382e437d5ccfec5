"""Campaigns against the run as a whole: kills, signals, damaged models, broken surroundings, races.

Each is a command with a seed and a count, run in the folder `tests`::

    python -m campaigns kill --seed 1 --count 1000

What was tried and what went wrong is printed; docs/reliability.md says what was run when. A short
run of each is a test (`test_campaigns.py`).
"""

from __future__ import annotations
