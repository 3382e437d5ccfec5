"""Campaigns against the run as a whole: kills, signals, damaged models, broken surroundings, races.

Each is a command with a seed and a count, run in the folder `tests`::

    python -m campaigns kills --seed 1 --count 1000

A trial's chance comes from the seed and its own number, so a long run can be had in parts:
`--first 400 --count 200`. What was tried and what went wrong is printed, also when a run is ended
early; docs/reliability.md says what was run when. A short run of each is a test
(`test_campaigns.py`).
"""

from __future__ import annotations
