"""The fixtures. All names begin with `mlbench`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from .errors import CannotRun, MlbenchError
from .manager import CASE, MARK, MISTAKE, PARAMETER, RECORD, REGISTRY, manager

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .bench import Bench
    from .case import Case
    from .models.load import LoadedModel
    from .parts import Firmware
    from .pipeline import Chain
    from .provision.toolchain import Toolchain
    from .registry import Target
    from .workbench import Workbench


@pytest.fixture(scope="session")
def mlbench_workbench(request: pytest.FixtureRequest) -> Workbench:
    """Settings, cache, fetcher and toolchains of this session."""
    return manager(request.config).bench


@pytest.fixture
def mlbench_case(request: pytest.FixtureRequest) -> Case:
    """The case of this test: model, backend, features, level, target. It is its parameter."""
    if mistake := request.node.stash.get(MISTAKE, ""):
        pytest.fail(mistake, pytrace=False)
    if CASE not in request.node.stash:
        pytest.fail("mlbench_case is there for test functions only", pytrace=False)
    case: Case = request.node.stash[CASE]
    return case


@pytest.fixture
def mlbench_chain(
    request: pytest.FixtureRequest, mlbench_case: Case, mlbench_workbench: Workbench
) -> Chain:
    """The steps of this test's case, each done once, when it is first asked for."""
    from .pipeline import Chain

    return Chain(
        mlbench_case,
        mlbench_workbench,
        request.node.stash[REGISTRY],
        timeout=request.node.stash[MARK].timeout or 0.0,
    )


@pytest.fixture
def mlbench_toolchain(request: pytest.FixtureRequest, mlbench_chain: Chain) -> Toolchain:
    """The compiler for this test's case; found or provisioned once per session."""
    with told(request, mlbench_chain):
        return mlbench_chain.toolchain


@pytest.fixture
def mlbench_simulator(mlbench_chain: Chain) -> Target:
    """What runs this test's firmware: `mlbench_simulator.run(elf, samples, ...)`."""
    return mlbench_chain.target


@pytest.fixture
def mlbench_model(request: pytest.FixtureRequest, mlbench_chain: Chain) -> LoadedModel:
    """The model of this test: its bytes, its graph, its samples."""
    with told(request, mlbench_chain):
        return mlbench_chain.model


@pytest.fixture
def mlbench_firmware(request: pytest.FixtureRequest, mlbench_chain: Chain) -> Firmware:
    """The built firmware of this test: the very ELF that `mlbench.run()` measures."""
    with told(request, mlbench_chain):
        return mlbench_chain.firmware


@pytest.fixture
def mlbench(request: pytest.FixtureRequest, mlbench_chain: Chain) -> Bench:
    """Runs this test's case and records it: `result = mlbench.run()`."""
    from .bench import Bench

    return Bench(mlbench_chain, lambda: told(request, mlbench_chain), request.node.stash)


@contextlib.contextmanager
def told(request: pytest.FixtureRequest, chain: Chain) -> Iterator[None]:
    """Record what ends a case, and end the test with its sentence and without a traceback.

    What is missing outside skips the test, with `--mlbench-strict` it fails it.
    """
    __tracebackhide__ = True
    try:
        yield
    except MlbenchError as error:
        skipped = isinstance(error, CannotRun) and not chain.bench.settings.strict
        request.node.stash[RECORD] = chain.outcome("skipped" if skipped else "failed", str(error))
        if skipped:
            pytest.skip(str(error))
        pytest.fail(str(error), pytrace=False)


__all__ = [
    "PARAMETER",
    "mlbench",
    "mlbench_case",
    "mlbench_chain",
    "mlbench_firmware",
    "mlbench_model",
    "mlbench_simulator",
    "mlbench_toolchain",
    "mlbench_workbench",
]
