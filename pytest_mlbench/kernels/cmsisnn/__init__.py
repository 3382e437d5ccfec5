"""CMSIS-NN, Arm's kernels, in their portable C: sources, adapter, registration."""

from __future__ import annotations

from .library import CMSISNN

__all__ = ["CMSISNN"]
