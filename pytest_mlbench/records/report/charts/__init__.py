"""The geometry of charts, as numbers: templates only draw what is computed here."""

from __future__ import annotations
