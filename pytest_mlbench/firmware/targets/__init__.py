"""Targets, which firmware is built for and run on. Each has its own folder."""

from __future__ import annotations
