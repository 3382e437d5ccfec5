"""What may be registered as a target, and what a target has by default. Pure."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from named import NamedBackend, NamedLibrary

from pytest_mlbench._version import __version__
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


def hook(*things: object, kind: str = "targets") -> SimpleNamespace:
    answers = {f"pytest_mlbench_{each}": list for each in KINDS}
    return SimpleNamespace(**{**answers, f"pytest_mlbench_{kind}": lambda: [list(things)]})


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
        "pytest_mlbench_targets: 'board' does not derive from Target. Write "
        "`class SimpleNamespace(pytest_mlbench.api.Target)`"
    )


@pytest.mark.parametrize(
    ("kind", "base"), [("backends", "Backend"), ("kernel_libraries", "KernelLibrary")]
)
def test_so_are_backends_and_libraries(kind: str, base: str) -> None:
    with pytest.raises(UsageError, match=f"'mine' does not derive from {base}") as refused:
        collect(hook(SimpleNamespace(name="mine"), kind=kind))
    assert refused.value.where == f"pytest_mlbench_{kind}"


def test_backends_and_libraries_have_a_default_for_all_that_is_optional() -> None:
    backend, library = NamedBackend("theirs"), NamedLibrary("mine")
    assert collect(hook(backend, kind="backends")).backends == {"theirs": backend}
    assert backend.takes(library)
    assert not backend.checks
    assert (*backend.config, *backend.codes, *backend.sources, *backend.trials) == ()
    assert backend.known(None) == ()  # type: ignore[arg-type]
    assert backend.references(None) == ("", {})  # type: ignore[arg-type]

    assert collect(hook(library, kind="kernel_libraries")).libraries == {"mine": library}
    assert (*library.features, *library.trials, library.source) == ("",)
    assert library.functions(None) == {}  # type: ignore[arg-type]
    assert library.reference is None
    assert library.version(None) == __version__  # type: ignore[arg-type]
    assert library.known([], None) == ()  # type: ignore[arg-type]


def test_a_target_without_a_name_of_its_own_cannot_be_made() -> None:
    class Nothing(Target):
        """Answers nothing."""

    with pytest.raises(TypeError, match="abstract"):
        Nothing()  # type: ignore[abstract]


@pytest.mark.parametrize(("isa", "name"), [("", "spike"), ("rv32imc_xpulp", "cv32e40p")])
def test_checked_firmware_runs_on_spike_where_spike_knows_the_isa(isa: str, name: str) -> None:
    assert CoreTarget(CORES["cv32e40p"]).for_checks(isa).name == name
