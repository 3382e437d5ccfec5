"""Checked firmware on the simulator: each way to misuse memory is found, told, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from tiny_models import dense, one_of_each

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.case import Case
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.kernels.interface import (
    Feature,
    KernelLibrary,
    LowerContext,
    Scratch,
    no_sources,
)
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.measure import memory_check
from pytest_mlbench.measure.chain import run_case
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.settings import Settings
from pytest_mlbench.testing import LAYERS, combine, spike
from pytest_mlbench.testing.profiles import draw_layers

pytestmark = pytest.mark.spike

HEADER = """\
#include "mlbench_kernels.h"
void bad_fully_connected(const struct mlbench_fully_connected *params, const int8_t *input,
                         const int8_t *weights, int8_t *output, int8_t *scratch);
"""

SOURCE = """\
#include "bad.h"
void bad_fully_connected(const struct mlbench_fully_connected *params, const int8_t *input,
                         const int8_t *weights, int8_t *output, int8_t *scratch) {
  const volatile int8_t *in = input;
  volatile int8_t *out = output, *kept = scratch;
  mlbench_reference_fully_connected(params, input, weights, output);
  (void)in, (void)out, (void)kept;
  BODY
}
"""


class Bad(KernelLibrary):
    """The reference's FULLY_CONNECTED, and then what it should not do."""

    name = "bad"
    features = (Feature("bad", "bad kernels", library="bad"),)

    def __init__(self, body):
        self.body = body

    def lower(self, layer, context):
        call = ReferenceLibrary().lower(layer, context)
        if call is None or call.kernel != "fully_connected":
            return None
        arguments = (*call.arguments, Scratch())
        return replace(
            call,
            library="bad",
            function="bad_fully_connected",
            header="bad.h",
            arguments=arguments,
            scratch=64,
        )

    def components(self, kernels, context):
        texts = {"bad.h": HEADER, "bad.c": SOURCE.replace("BODY", self.body)}
        reference = ReferenceLibrary().components(frozenset({"fully_connected"}), context)
        return (Component("bad", texts=texts, public=True), *reference)


def found(graph, library=None, sample=bytes(range(8)), *, features=("bad",), isa="rv32gc"):
    """What a checked firmware of `graph` says, and the outputs that it sends."""
    request = GenerateRequest(
        graph=graph, model_data=b"", libraries=(library,) if library else (),
        features=features if library else (), isa=isa, optimize="2", config={},
        sources=no_sources, check=True,
    )  # fmt: skip
    made = AotBackend().generate(request)
    sizes = tuple(graph.tensors[index].bytes for index in graph.outputs)
    sizes = (memory_check.FINDING_BYTES, *sizes)
    ran, _ = spike.simulate(made.components, [sample], sizes, optimize="2", isa=isa)
    report, *outputs = ran.outputs[0]
    finding = memory_check.read(report)
    told = memory_check.explain(finding, made.arena, made.operators) if finding else ""
    return told, outputs


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("out[-1] = 1;", "writes the byte 1 byte before its output (4 bytes), which it"),
        (
            "for (int i = 64; i < 67; ++i) kept[i] = 1;",
            "writes the byte 1 byte after the end of its scratch (64 bytes) and 2",
        ),
        ("((int8_t *)input)[2] ^= 1;", "writes byte 2 of input 0 (8 bytes), which it must not"),
        (
            "out[1] += kept[12] & 1;",
            "reads byte 12 of its scratch (64 bytes), which nothing has written: byte 1 of its",
        ),
        ("out[3] ^= in[8] & 1;", "reads the byte 1 byte after the end of input 0"),
    ],
    ids=["before", "scratch", "input", "unwritten-scratch", "read-after"],
)
def test_a_kernel_that_misuses_memory_is_found(body, words):
    told, _ = found(dense().finish([3]), Bad(body))

    assert told.startswith("operator 0 FULLY_CONNECTED (fully_connected of bad) ")
    assert words in told


def test_an_output_that_is_not_written_is_found():
    library = Bad("return;")
    source = SOURCE.replace(
        "  mlbench_reference_fully_connected(params, input, weights, output);\n", ""
    )
    library.components = lambda kernels, context: (
        Component(
            "bad",
            texts={"bad.h": HEADER, "bad.c": source.replace("BODY", "out[0] = 0; out[1] = 1;")},
            public=True,
        ),
        *ReferenceLibrary().components(frozenset({"fully_connected"}), context),
    )

    told, _ = found(dense().finish([3]), library)

    assert told.endswith("does not write byte 2 of its output (4 bytes)")


def test_a_kernel_that_fills_its_scratch_first_is_clean():
    body = "for (int i = 0; i < 64; ++i) kept[i] = in[i % 8]; out[0] ^= kept[9] & 0;"

    assert found(dense().finish([3]), Bad(body))[0] == ""


def test_a_case_fails_with_what_was_found(toolbox, known):
    library = Bad("out[-1] = 0;")
    registry = replace(known, libraries={**known.libraries, "bad": library})
    settings = Settings(cache=toolbox.settings.cache, check=True, samples=1)

    record = run_case(Case("toycar_twin", "aot", ("bad",)), Toolbox(settings), registry)

    assert record.outcome == "failed"
    assert record.validation["matched"] == record.validation["samples"] == 1
    assert "writes the byte 1 byte before its output (128 bytes)" in record.reason
    assert record.reason.startswith("toycar_twin-aot-bad-O3: operator 0 FULLY_CONNECTED")


def test_an_output_that_may_not_lie_over_its_input_is_found(toolbox, known):
    class InPlace(Bad):
        def lower(self, layer, context):
            call = super().lower(layer, context)
            return call and replace(call, in_place=((0, 0),))

    registry = replace(known, libraries={**known.libraries, "bad": InPlace("")})
    settings = Settings(cache=toolbox.settings.cache, check=True, samples=1)

    record = run_case(Case("toycar_twin", "aot", ("bad",)), Toolbox(settings), registry)

    assert record.outcome == "failed"
    assert record.validation["matched"] == 0
    assert f"A checked firmware shows that {memory_check.PLAN_DIFFERS}" in record.reason


@cache
def ours():
    """One layer of each strategy that has a kernel of `tuned`."""
    context = LowerContext(("tuned",), "rv32gc", "2")

    def takes(case):
        layers = lower(fold(case.graph))
        return any(layer and TunedLibrary().lower(layer, context) for layer in layers)

    drawn = [draw_layers(LAYERS[kind], 1)[0] for kind in sorted(LAYERS)]
    cases = [case for case in drawn if takes(case)]
    assert len(cases) > 40
    return combine(cases).graph


def test_the_reference_kernels_are_clean_in_every_operator():
    graph = one_of_each()
    sample = bytes(sum(graph.tensors[index].bytes for index in graph.inputs))

    assert found(graph, sample=sample)[0] == ""


@pytest.mark.parametrize(
    ("features", "isa"),
    [
        (("tuned",), "rv32gc"),
        (("tuned",), "rv64gc"),
        (("tuned", "dext"), "rv32gc"),
        (("tuned", "vext"), "rv32gcv_zvl256b"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
def test_our_own_kernels_are_clean_in_every_operator(features, isa, known):
    """In those that the library takes; the others run on the reference kernels."""
    graph = ours()
    sample = bytes(sum(graph.tensors[index].bytes for index in graph.inputs))

    told, _ = found(graph, known.libraries["tuned"], sample, features=features, isa=isa)

    assert told == ""
