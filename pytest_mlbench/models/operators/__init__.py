"""The operators of a model: which forms are supported, their shapes, and their lowering."""

from __future__ import annotations
