"""What `prefer` promises, by prediction, on the small networks of `benchmarks/`.

cycles   no other preference takes fewer instructions
rom      no other preference has fewer bytes of constants
ram      no other preference has a lower peak of memory; and no kernel is left that takes fewer
         instructions without raising the peak by more than 2 % above the lowest
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from predicted import SETS, both, graph, predicted

from pytest_mlbench.backends.aot.candidates import Kernels, groups
from pytest_mlbench.backends.aot.passes import optimise
from pytest_mlbench.backends.aot.passes.choice import NEARLY
from pytest_mlbench.backends.aot.passes.program import Program
from pytest_mlbench.backends.aot.slimmest import faster, slimmest
from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.testing.profiles import THOROUGH

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
    CHOSEN = [each for each in CHOSEN if each[1] == "rv32" and each[0] != "vext512"]


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
        assert rom.constants <= other.constants
    assert rom.constants <= cycles.constants
    assert ram.peak <= min(cycles.peak, rom.peak)


@pytest.mark.parametrize("features", ["tuned", "dext", "vext128", "vext1024"])
@pytest.mark.parametrize("name", ["lenet5", "mixednet", "tc_resnet8", "tiny_embedding_conv"])
def test_no_faster_kernel_is_left_that_keeps_to_the_lowest_peak(name: str, features: str) -> None:
    chosen, isa = SETS[features]
    context = LowerContext(chosen, isa.format("rv32"), "3")
    known = Kernels((TunedLibrary(), ReferenceLibrary()), context)
    folded = fold(graph(name))
    program = optimise(Program(folded, lower(folded)))
    slim = slimmest(program, known)
    limit = int(slim.memory.peak * NEARLY)
    found = faster(slim, known, limit)
    assert found.memory.peak <= limit
    for group in groups(program, known):
        for option in group.options:
            calls = list(found.calls)
            if all(calls[place] is call for place, call in zip(group.places, option, strict=True)):
                break
            for place, call in zip(group.places, option, strict=True):
                calls[place] = call
            assert replace(found, calls=tuple(calls)).memory.peak > limit
