"""CMSIS-NN, Arm's kernel library, compiled as portable C: sources, adapter, registration."""

from __future__ import annotations

from .library import CMSISNN

__all__ = ["CMSISNN"]
