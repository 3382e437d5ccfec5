"""What may be registered as a target, and what a target has by default. Pure."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_mlbench.api import Target
from pytest_mlbench.errors import UsageError
from pytest_mlbench.firmware.targets.cores.catalogue import CORES
from pytest_mlbench.firmware.targets.cores.target import CoreTarget
from pytest_mlbench.measure.registry import collect

KINDS = ("models", "backends", "kernel_libraries", "targets", "sources", "formats")


class Board(Target):
    """The least that a target is."""

    name, isa, abi = "board", "rv32imc", "ilp32"  # type: ignore[assignment]

    def components(self, isa: str) -> tuple[Any, ...]:
        return ()

    def link_options(self, isa: str) -> tuple[str, ...]:
        return ()

    def run(self, elf: Any, samples: Any, **options: Any) -> Any:
        raise NotImplementedError

    def version(self) -> str:
        return "1"


def hook(*targets: object) -> SimpleNamespace:
    answers = {f"pytest_mlbench_{kind}": list for kind in KINDS}
    return SimpleNamespace(**{**answers, "pytest_mlbench_targets": lambda: [list(targets)]})


def test_a_class_of_ones_own_has_a_default_for_all_that_is_optional() -> None:
    board = collect(hook(Board())).targets["board"]

    assert board.configured({}).provisioned(SimpleNamespace).for_case({}, None) is board  # type: ignore[arg-type]
    assert board.for_checks("") is board
    assert board.versions() == {"board": "1"}
    assert board.simulator() is None
    assert not (board.default)
    assert not (board.config)
    assert not (board.chooses_samples)
    assert not (board.builds_simulator)
    board.check("rv64gcv")


def test_what_does_not_derive_from_target_is_refused_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        collect(hook(SimpleNamespace(name="board", isa="rv32imc")))

    assert str(refused.value) == (
        "pytest_mlbench_targets: the target 'board' does not derive from Target. Write "
        "`class SimpleNamespace(pytest_mlbench.api.Target)`"
    )


def test_a_target_without_a_name_of_its_own_cannot_be_made() -> None:
    class Nothing(Target):
        """Answers nothing."""

    with pytest.raises(TypeError, match="abstract"):
        Nothing()  # type: ignore[abstract]


@pytest.mark.parametrize(("isa", "name"), [("", "spike"), ("rv32imc_xpulp", "cv32e40p")])
def test_checked_firmware_runs_on_spike_where_spike_knows_the_isa(isa: str, name: str) -> None:
    assert CoreTarget(CORES["cv32e40p"]).for_checks(isa).name == name
