"""Turns the user's choices into cases and runs each one to a record, without pytest."""

from __future__ import annotations
