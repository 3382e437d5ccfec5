"""Targets: what firmware is built for and run on. One folder each."""

from __future__ import annotations
