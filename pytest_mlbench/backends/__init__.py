"""Backends turn a model into the sources of a firmware. Each has its own folder."""

from __future__ import annotations
