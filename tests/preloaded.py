"""Imports what runs of pytest inside a test need.

pytester forgets what such a run imports, so the next would import it again; and numpy cannot be
imported twice.
"""

from __future__ import annotations

import tabulate  # noqa: F401

import pytest_mlbench.measure.derive
import pytest_mlbench.measure.matrix
import pytest_mlbench.measure.unused
import pytest_mlbench.records.collect
import pytest_mlbench.records.gate.judge
import pytest_mlbench.records.gate.sentences
import pytest_mlbench.records.gate.summary
import pytest_mlbench.records.lock
import pytest_mlbench.records.relative
import pytest_mlbench.records.report.table
import pytest_mlbench.records.report.write  # noqa: F401
from pytest_mlbench.builtin import registry

registry()
