"""The firmware: the interface between start-up code and backends, the build, and the targets."""

from __future__ import annotations
