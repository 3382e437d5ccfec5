"""Benchmarks are ordinary tests: see test_zoo.py. Choose cases on the command line, for example

pytest benchmarks --mlbench-model aww --mlbench-features _ --mlbench-features tuned
"""

from __future__ import annotations
