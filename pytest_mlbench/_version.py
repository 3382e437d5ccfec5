"""The version: alone, so that nothing has to import the package's face to know it."""

from __future__ import annotations

__version__ = "0.1.0"
