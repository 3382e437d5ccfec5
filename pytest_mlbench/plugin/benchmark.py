"""What a test gets as `mlbench`, and what its `run()` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import nearest
from pytest_mlbench.records.metrics import find

from .session import RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    import pytest

    from pytest_mlbench.case import Case
    from pytest_mlbench.measure.chain import Chain
    from pytest_mlbench.records.record import Record


class Metrics(dict[str, int]):
    """Metrics by key or title. A missing one raises KeyError with the nearest name or the
    reason."""

    def __missing__(self, name: str) -> int:
        from pytest_mlbench.errors import MlbenchError

        try:
            key = find(name).key
        except MlbenchError as error:
            raise KeyError(str(error)) from None
        if key in self:
            return self[key]
        raise KeyError(f"{key} was not measured in this run. {nearest(key, self)}")


@dataclass(frozen=True)
class Result:
    """A measured case. `metrics["run_cycles"]` and `metrics["Run Cycles"]` are the same."""

    record: Record
    metrics: Metrics

    @property
    def case(self) -> str:
        """The case's name."""
        return self.record.case

    @property
    def validation(self) -> Mapping[str, Any]:
        """samples, matched, reference; empty when the case was only built."""
        return self.record.validation

    @property
    def operators(self) -> tuple[Mapping[str, Any], ...]:
        """The model's operators in execution order, and the kernel that ran each."""
        return self.record.operators


class Benchmark:
    """The case of one test."""

    def __init__(
        self,
        chain: Chain,
        ends_case: Callable[[], AbstractContextManager[None]],
        stash: pytest.Stash,
    ) -> None:
        self._chain = chain
        self._ends_case = ends_case
        self._stash = stash
        self._whole: Result | None = None

    @property
    def case(self) -> Case:
        """Model, backend, features, level, target."""
        return self._chain.case

    def run(self) -> Result:
        """Build the firmware, simulate all samples, compare them with the reference, measure.

        A second call returns the same result. The test fails with one sentence if the build fails
        or an output differs, and is skipped if a tool, model or source cannot be had.
        With `--mlbench-until build` the result has the sizes only.
        """
        __tracebackhide__ = True
        if self._whole is None:
            with self._ends_case():
                self._whole = self._keep(self._chain.record())
        return self._whole

    def build(self) -> Result:
        """Build only: the sizes. The case is recorded without run metrics unless `run` follows."""
        __tracebackhide__ = True
        if self._whole is not None:
            return self._whole
        with self._ends_case():
            return self._keep(self._chain.built())

    def _keep(self, record: Record) -> Result:
        self._stash[RECORD] = record
        return Result(record, Metrics(record.metrics))
