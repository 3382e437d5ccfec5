"""The operators of a model: which forms are accepted, their shapes, and what they lower to."""

from __future__ import annotations
