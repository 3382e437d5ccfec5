"""The reference kernels: plain C for every kind of layer."""

from __future__ import annotations

NAME = "reference"
"""The library's name."""
