"""The metrics: one place that says each one's key, column title, unit and which way is better."""

from __future__ import annotations

from .catalogue import METRICS, Metric, find

__all__ = ["METRICS", "Metric", "find"]
