"""The libraries' adapters built by LLVM, on Spike, against doubles: compared bit for bit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from libraries.small_models import depthwise

from pytest_mlbench.case import Case
from pytest_mlbench.kernels.muriscvnn import faults
from pytest_mlbench.measure.chain import Chain, run_case
from pytest_mlbench.models.model import Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.records.record import Record

pytestmark = pytest.mark.spike

LLVM = {"toolchain": "llvm"}


@pytest.mark.parametrize(
    ("model", "level", "library"),
    [
        ("aww", "3", "muriscvnn"),
        ("resnet", "s", "muriscvnn"),
        ("resnet", "3", "cmsisnn"),
        ("vww", "s", "cmsisnn"),
    ],
)
def test_the_zoo_is_bit_exact_with_llvm(
    model: str,
    level: str,
    library: str,
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    passed: Callable[[Record], Record],
) -> None:
    """Each library at both levels, with all of its functions that the zoo calls."""
    case = Case(f"{model}_twin", "aot", (library,), level, choices=LLVM)
    record = passed(run_case(case, toolbox_with(samples=1), known))
    assert record.provenance["toolchain"].startswith("clang ")
    assert set(record.provenance["libraries"]) == {library}


@pytest.mark.parametrize(("model", "vlen"), [("vww", 128), ("toycar", 512)])
def test_vector_kernels_in_intrinsics_are_built_by_llvm_and_exact(
    model: str,
    vlen: int,
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    passed: Callable[[Record], Record],
) -> None:
    """The double calls RVV intrinsics where there are any; layers that it gets wrong, as the pinned
    version does, run on the reference kernels."""
    isa = f"rv32gcv_zvl{vlen}b"
    case = Case(f"{model}_twin", "aot", ("muriscvnn", "vext"), "3", isa=isa, choices=LLVM)
    chain = Chain(case, toolbox_with(samples=1), known)
    record = passed(run_case(case, toolbox_with(samples=1), known))
    libraries = [row["library"] for row in record.operators]
    assert "muriscvnn" in libraries
    if model == "toycar":
        text = chain.firmware.elf.read_bytes()
        assert b"muriscv_nn_fully_connected_s8" in text
        plain = Chain(
            Case("toycar_twin", "aot", ("muriscvnn",), choices=LLVM),
            toolbox_with(samples=1),
            known,
        )
        whole = plain.record().metrics["run_cycles"]
        assert record.metrics["run_cycles"] < whole, "no vectors at all"
    else:
        assert "reference" in libraries


@pytest.mark.parametrize("layer", ["shift", "left over"])
def test_what_vector_kernels_get_wrong_is_seen_without_the_guard(
    layer: str,
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the guard, they run on the reference kernels: the test before runs such layers."""
    channels, output = (8, 0.001) if layer == "shift" else (128, 4.0)
    built = partial(depthwise, channels, output_scale=output)
    some = replace(known, models={"dw": Model("dw", build=built)})
    case = Case("dw", "aot", ("muriscvnn", "vext"), choices=LLVM)
    guarded = Chain(case, toolbox_with(), some).generated
    assert [row["library"] for row in guarded.operators] == ["reference"]
    monkeypatch.setattr(faults, "fault", lambda *_, **__: "")
    wrong = run_case(case, toolbox_with(), some)
    assert wrong.outcome == "failed"
    assert "samples match the reference; the largest difference is" in wrong.reason
    assert "It ran muriscvnn contract double" in wrong.reason
    assert "--mlbench-bisect names the first layer" in wrong.reason
