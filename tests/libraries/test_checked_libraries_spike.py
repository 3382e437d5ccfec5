"""Checked firmware with kernel libraries that are probed and have set-up calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.case import Case
from pytest_mlbench.measure import further
from pytest_mlbench.measure.chain import Chain, run_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.records.record import Record

pytestmark = pytest.mark.spike


@pytest.mark.parametrize("library", ["cmsisnn", "muriscvnn"])
def test_probed_libraries_are_clean(
    library: str,
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    passed: Callable[[Record], Record],
) -> None:
    toolbox = toolbox_with(check=True, samples=1)

    record = passed(run_case(Case("aww_twin", "aot", (library,)), toolbox, known))

    assert not record.notes[1:]


def test_a_backend_that_makes_no_checked_firmware_says_so(
    toolbox_with: Callable[..., Toolbox], known: Registry
) -> None:
    chain = Chain(Case("toycar_twin", "tflmi"), toolbox_with(check=True), known)

    assert further.unchecked(chain) == [
        "not checked: backend tflmi cannot generate checked firmware"
    ]
