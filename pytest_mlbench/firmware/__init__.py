"""The firmware: what every backend provides to the start-up code, and how it is built."""

from __future__ import annotations
