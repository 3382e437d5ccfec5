"""The fixtures. All names begin with `mlbench`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.errors import MlbenchError, Unavailable

from .session import CASE, LOOK, MARK, RECORD, REGISTRY, USAGE_ERROR, session_of

if TYPE_CHECKING:
    from pytest_mlbench.case import Case
    from pytest_mlbench.firmware.components import Firmware
    from pytest_mlbench.firmware.target import Target
    from pytest_mlbench.measure.chain import Chain
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.models.load import LoadedModel
    from pytest_mlbench.provision.toolchain import Toolchain

    from .benchmark import Benchmark


@pytest.fixture(scope="session")
def mlbench_workbench(request: pytest.FixtureRequest) -> Toolbox:
    """Settings, cache, fetcher and toolchains of this session."""
    return session_of(request.config).toolbox


@pytest.fixture
def mlbench_case(request: pytest.FixtureRequest) -> Case:
    """The case of this test: model, backend, features, level, target. Tests are parametrized by
    it."""
    if mistake := request.node.stash.get(USAGE_ERROR, ""):
        pytest.fail(mistake, pytrace=False)
    if CASE not in request.node.stash:
        pytest.fail("mlbench_case is there for test functions only", pytrace=False)
    case: Case = request.node.stash[CASE]
    return case


@pytest.fixture
def mlbench_chain(
    request: pytest.FixtureRequest, mlbench_case: Case, mlbench_workbench: Toolbox
) -> Chain:
    """The steps of this test's case, each done once, when it is first asked for."""
    from pytest_mlbench.measure.chain import Chain

    return Chain(
        mlbench_case,
        mlbench_workbench,
        request.node.stash[REGISTRY],
        timeout=request.node.stash[MARK].timeout or 0.0,
    )


@pytest.fixture
def mlbench_toolchain(request: pytest.FixtureRequest, mlbench_chain: Chain) -> Toolchain:
    """The compiler for this test's case; found or provisioned once per session."""
    with EndsCase(request, mlbench_chain):
        return mlbench_chain.toolchain


@pytest.fixture
def mlbench_simulator(mlbench_chain: Chain) -> Target:
    """What runs this test's firmware: `mlbench_simulator.run(elf, samples, ...)`."""
    return mlbench_chain.target


@pytest.fixture
def mlbench_model(request: pytest.FixtureRequest, mlbench_chain: Chain) -> LoadedModel:
    """The model of this test: its bytes, its graph, its samples."""
    with EndsCase(request, mlbench_chain):
        return mlbench_chain.model


@pytest.fixture
def mlbench_firmware(request: pytest.FixtureRequest, mlbench_chain: Chain) -> Firmware:
    """The built firmware of this test: the same ELF file that `mlbench.run()` measures."""
    with EndsCase(request, mlbench_chain):
        return mlbench_chain.firmware


@pytest.fixture
def mlbench(request: pytest.FixtureRequest, mlbench_chain: Chain) -> Benchmark:
    """Runs this test's case and records it: `result = mlbench.run()`."""
    from .benchmark import Benchmark

    return Benchmark(mlbench_chain, lambda: EndsCase(request, mlbench_chain), request.node.stash)


ELSEWHERE = "a source cannot be fetched here: see the end of mlbench's table"
"""The reason of a skip that is explained once, at the end of the run."""


class EndsCase:
    """Records the error that ends a case, and ends the test with one sentence, without traceback.

    `Unavailable` skips the test; with `--mlbench-strict` it fails it. This is a class, not
    a `@contextmanager`: pytest would report the skip at contextlib's frame.
    """

    def __init__(self, request: pytest.FixtureRequest, chain: Chain) -> None:
        self._stash = request.node.stash
        self._chain = chain

    def __enter__(self) -> None:
        """Nothing is to be done."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """End the test if the error is one of this package."""
        __tracebackhide__ = True
        if not isinstance(error, MlbenchError):
            return
        skipped = isinstance(error, Unavailable) and not self._chain.toolbox.settings.strict
        outcome = "skipped" if skipped else "failed"
        self._stash[RECORD] = self._chain.outcome(outcome, str(error))
        if outcome == "failed" and (look := self._chain.look()):
            self._stash[LOOK] = look
        if skipped:
            summarised = self._chain.toolbox.note(error)  # then the end of the run says why
            raise pytest.skip.Exception(ELSEWHERE if summarised else str(error)) from None
        raise pytest.fail.Exception(str(error), pytrace=False) from None


__all__ = [
    "mlbench",
    "mlbench_case",
    "mlbench_chain",
    "mlbench_firmware",
    "mlbench_model",
    "mlbench_simulator",
    "mlbench_toolchain",
    "mlbench_workbench",
]
