"""A case from choice to record: the matrix, the chain of steps, validation. No pytest."""

from __future__ import annotations
