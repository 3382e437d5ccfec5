"""The real chain: random layers and whole models as firmware on the simulator."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.firmware.elf.sections import sizes
from pytest_mlbench.kernels.interface import no_sources
from pytest_mlbench.models.tflite import reader
from pytest_mlbench.models.zoo import MODELS
from pytest_mlbench.testing import LAYERS, LayerCase, check_layers, given_layers, spike
from pytest_mlbench.testing.profiles import THOROUGH

pytestmark = pytest.mark.spike

CHAINS = [
    ("rv32gc", "0"),
    ("rv32gc", "s"),
    ("rv32gc", "2"),
    ("rv32gc", "3"),
    ("rv32imc", "s"),
    ("rv64gc", "2"),
]
STRATEGIES = LAYERS if THOROUGH else {"any": st.one_of(*(LAYERS[kind] for kind in sorted(LAYERS)))}


@pytest.mark.parametrize(("isa", "optimize"), CHAINS)
@pytest.mark.parametrize("kind", sorted(STRATEGIES))
def test_random_layers_on_spike_equal_tflm(isa: str, optimize: str, kind: str) -> None:
    pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

    @given_layers(STRATEGIES[kind], few=24)
    def run(cases: list[LayerCase]) -> None:
        check_layers(cases, runner="spike", isa=isa, optimize=optimize)

    run()


def test_aww_fits_in_8_kib_of_code() -> None:
    model = next(model for model in MODELS if model.name == "aww")
    assert model.twin is not None
    data = model.twin()
    graph = reader.read(data)
    request = GenerateRequest(
        graph=graph, model_data=data, libraries=(), features=(), isa="rv32gc", optimize="s",
        config={}, sources=no_sources,
    )  # fmt: skip
    generated = AotBackend().generate(request)
    assert generated.metrics["macs"] == 2_656_768
    assert generated.arena_peak == generated.arena_bound == 16_000
    outputs = tuple(graph.tensors[index].bytes for index in graph.outputs)
    sample = np.zeros(graph.tensors[graph.inputs[0]].bytes, np.int8).tobytes()
    ran, elf = spike.simulate(generated.components, [sample], outputs, optimize="s", isa="rv32gc")
    assert sizes(elf)["rom_code"] <= 8 * 1024
    assert ran.setup.instructions < 20


def test_profiled_operators_add_up_to_the_inference() -> None:
    model = next(model for model in MODELS if model.name == "aww")
    assert model.twin is not None
    data = model.twin()
    graph = reader.read(data)
    request = GenerateRequest(
        graph=graph, model_data=data, libraries=(), features=(), isa="rv32gc", optimize="s",
        config={}, sources=no_sources, profile=True,
    )  # fmt: skip
    generated = AotBackend().generate(request)
    outputs = tuple(graph.tensors[index].bytes for index in graph.outputs)
    sample = np.zeros(graph.tensors[graph.inputs[0]].bytes, np.int8).tobytes()
    ran, _ = spike.simulate(
        generated.components,
        [sample],
        outputs,
        optimize="s",
        isa="rv32gc",
        defines=("MLBENCH_PROFILE",),
    )
    assert len(ran.profile) == len(graph.operators)
    total = sum(counters.cycles for counters in ran.profile)
    assert abs(total - ran.runs[0].cycles) < 0.01 * total
