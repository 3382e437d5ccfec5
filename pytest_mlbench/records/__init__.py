"""Results: records, their metrics and columns, the gate, the reports."""

from __future__ import annotations
