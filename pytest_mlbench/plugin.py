"""The pytest plugin: hooks and nothing else."""

from __future__ import annotations
