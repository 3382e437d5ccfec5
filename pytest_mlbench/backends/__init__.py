"""Backends: what turns a model into the sources of a firmware. One folder each."""

from __future__ import annotations
