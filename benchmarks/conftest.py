"""Benchmarks are ordinary tests: see test_zoo.py. Choose cases on the command line, for example

pytest benchmarks --mlbench-model aww --mlbench-features _ --mlbench-features tuned
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_mlbench.models.model import Model
    from pytest_mlbench.records.extension import Finisher, Run, Section


@pytest.hookimpl
def pytest_mlbench_models() -> Iterable[Model]:
    """One model per kernel, for test_kernels.py; networks, for test_networks.py."""
    import kernel_models
    import networks

    kernels = [*kernel_models.MODELS, *kernel_models.POOLS]
    return [*kernels, *networks.MODELS]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--mlbench-model`, these models alone, and each case once: kernels have models of their
    own, and files that each have models of their own would all run the chosen ones."""
    chosen = config.getoption("mlbench_model")
    if not chosen:
        return
    seen: set[str] = set()
    dropped = []
    for item in items:
        spec = getattr(item, "callspec", None)
        if spec is None:
            continue
        if spec.params.get("model", chosen[0]) not in chosen or spec.id in seen:
            dropped.append(item)
        seen.add(spec.id)
    config.hook.pytest_deselected(items=dropped)
    items[:] = [item for item in items if item not in set(dropped)]


class Comparison:
    """The published figures beside the measured ones, when all twelve cases ran."""

    def finish(self, run: Run) -> Iterator[Section]:
        """One section, or none."""
        from pytest_mlbench.records.extension import Section
        from pytest_mlbench.records.report.published import comparison

        text = comparison(run.records)
        if text:
            yield Section("published / here / ratio", text)


class Orderings:
    """Fails a run in which more features or longer vectors cost a network cycles."""

    def finish(self, run: Run) -> Iterator[Section]:
        """One section, or none."""
        from orderings import broken

        from pytest_mlbench.records.extension import Section

        found = broken(run.records)
        if found:
            yield Section("more features, more cycles", "\n".join(found), failed=True)


@pytest.hookimpl
def pytest_mlbench_finishers() -> Iterable[Finisher]:
    """The end of test_published.py and of test_networks.py."""
    return [Comparison(), Orderings()]
