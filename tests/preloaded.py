"""Imports what runs of pytest inside a test need.

pytester forgets what such a run imports, so the next would import it again; and numpy cannot be
imported twice. The registry imports little by itself.
"""

from __future__ import annotations

import tabulate  # noqa: F401

import pytest_mlbench.backends.aot.generation
import pytest_mlbench.backends.tflmi.generation
import pytest_mlbench.firmware.targets.cores.compare
import pytest_mlbench.firmware.targets.cores.model
import pytest_mlbench.firmware.targets.cores.simulate
import pytest_mlbench.firmware.targets.spike.program
import pytest_mlbench.kernels.cmsisnn.calls
import pytest_mlbench.kernels.muriscvnn.faults
import pytest_mlbench.kernels.reference.families
import pytest_mlbench.kernels.tuned.candidates
import pytest_mlbench.kernels.tuned.choice
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
