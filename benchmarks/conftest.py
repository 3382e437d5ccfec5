"""Benchmarks are ordinary tests: see test_zoo.py. Choose cases on the command line, for example

pytest benchmarks --mlbench-model aww --mlbench-features _ --mlbench-features tuned
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_mlbench.models.model import Model


@pytest.hookimpl
def pytest_mlbench_models() -> Iterable[Model]:
    """One model per kernel, for test_kernels.py; networks, for test_networks.py."""
    import kernel_models
    import networks

    return [*kernel_models.MODELS, *networks.MODELS]
