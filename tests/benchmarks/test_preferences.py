"""What `prefer` promises, by prediction, on the small networks of `benchmarks/`.

cycles   no other preference takes fewer instructions
rom      no other preference has fewer bytes of constants and code, and no single kernel is left
         that needs fewer
ram      no other preference has a lower peak of memory; and no kernel is left that takes fewer
         instructions without raising the peak by more than 2 % above the lowest
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from predicted import SETS, both, graph, networks, predicted

from pytest_mlbench.backends.aot.candidates import Kernels, groups
from pytest_mlbench.backends.aot.lowered import Lowered, lowered
from pytest_mlbench.backends.aot.passes import optimise
from pytest_mlbench.backends.aot.passes.choice import NEARLY
from pytest_mlbench.backends.aot.passes.program import Program
from pytest_mlbench.backends.aot.slimmest import faster, slimmest
from pytest_mlbench.backends.aot.smallest import rom_bytes, smallest
from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.kernels.tuned.code import CODE
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.kernels.tuned.predict import PREFIX
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.script.study import Study
from pytest_mlbench.testing.profiles import THOROUGH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL = (
    "cifar10_cnn",
    "dense_autoencoder",
    "gru_unrolled",
    "keywords_by_time",
    "lenet5",
    "magic_wand",
    "micro_speech",
    "mixednet",
    "tc_resnet8",
    "tiny_embedding_conv",
)
CHOSEN = [(features, xlen) for features in SETS for xlen in ("rv32", "rv64")]
if not THOROUGH:
    short = ("tuned", "dext", "vext128", "vext1024")
    CHOSEN = [each for each in CHOSEN if each[1] == "rv32" and each[0] in short]


@pytest.mark.parametrize(("features", "xlen"), CHOSEN)
@pytest.mark.parametrize("name", SMALL)
def test_each_preference_keeps_its_promise(name: str, features: str, xlen: str) -> None:
    cycles = predicted(name, features, xlen)
    rom = predicted(name, features, xlen, "rom")
    ram = predicted(name, features, xlen, "ram")
    for other in (rom, ram):
        before, after = both(cycles, other)
        # A kernel with more scratch memory must be worth it: see `choice.WORTH_RAM`.
        assert after >= 0.98 * before
    assert ram.peak <= min(cycles.peak, rom.peak)


def lowered_with(name: str, features: str) -> tuple[Lowered, Kernels]:
    """A network on the kernels with the fewest cycles, and all kernels."""
    chosen, isa = SETS[features]
    context = LowerContext(chosen, isa.format("rv32"), "3")
    libraries = (TunedLibrary(), ReferenceLibrary())
    folded = fold(graph(name))
    program = optimise(Program(folded, lower(folded)))
    return lowered(program, libraries, context), Kernels(libraries, context)


def changes(found: Lowered, known: Kernels, *, faster_only: bool) -> Iterator[Lowered]:
    """`found` with one operator on another kernel; with `faster_only` on a faster one."""
    for group in groups(found.program, known):
        for option in group.options:
            calls = list(found.calls)
            pairs = list(zip(group.places, option, strict=True))
            if faster_only and all(calls[place] is call for place, call in pairs):
                break
            for place, call in pairs:
                calls[place] = call
            yield replace(found, calls=tuple(calls))


PROMISED = [
    (name, features)
    for name in ("lenet5", "mixednet", "tc_resnet8", "tiny_embedding_conv")
    for features in ("tuned", "dext", "vext128", "vext1024")
]


@pytest.mark.parametrize(("name", "features"), PROMISED)
def test_no_better_kernel_is_left(name: str, features: str) -> None:
    usual, known = lowered_with(name, features)
    slim = slimmest(usual.program, known)

    # ram: none is faster and keeps to the lowest peak.
    limit = int(slim.memory.peak * NEARLY)
    found = faster(slim, known, limit)
    assert found.memory.peak <= limit
    for other in changes(found, known, faster_only=True):
        assert other.memory.peak > limit

    # rom: none is smaller.
    found = smallest(usual, known)
    least = rom_bytes(found)
    assert least <= min(rom_bytes(usual), rom_bytes(slim))
    for other in changes(found, known, faster_only=False):
        assert rom_bytes(other) >= least


@pytest.mark.spike
@pytest.mark.parametrize("name", ["magic_wand", "micro_speech"])
def test_rom_is_not_larger_when_built(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.tflite"
    path.write_bytes(networks()[name](name))
    sizes = []
    for prefer in ("rom", "cycles"):
        choice = {"features": "tuned,vext", "vlens": 128, "config": {"prefer": prefer}}
        (record,) = Study(path, until="build", **choice).run().records
        assert record.outcome == "passed", record.reason
        sizes.append(record.metrics["rom_total"])
        for symbol in record.symbols:
            # Those that call nothing have the size that the choice counts with, or nearly.
            name = symbol["name"].removeprefix(PREFIX)
            if name in CODE and name.startswith(("vector_gemm", "vector_planes", "fully")):
                assert 0.7 < symbol["size"] / CODE[name] < 1.4, name
    assert sizes[0] <= sizes[1]
