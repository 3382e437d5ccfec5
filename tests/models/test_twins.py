from __future__ import annotations

import hashlib
import sys

import numpy as np
import pytest

from pytest_mlbench import process
from pytest_mlbench.models.tflite.reader import read
from pytest_mlbench.models.twins import build

SHA256 = {
    "aww": "103de140dbe140e166c3226c9427185421f176a5a3b09e70ba15eae350f62da8",
    "resnet": "c7aba1900f780b453b428e22ac8e03997e4fae1fbfa7e9516997848abd3fe5b7",
    "vww": "73ac9d619388ce3bcfb807d199025aa28fec1596b4dadb820dde50531422d52f",
    "toycar": "cdc6499f0f8804cb26483ea73a2a63e4aca91b0d9f737b9bbd4f65a65561c7e0",
}
"""The twins' identity. A change here changes every number measured with them."""

CONV, DEEP, DENSE = "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"
TAIL = ["AVERAGE_POOL_2D", "RESHAPE", DENSE, "SOFTMAX"]
FACTS = {
    # name: (operators, input shape, input scale, input zero point, output shape, tensors, MACs)
    "aww": (
        [CONV, *[DEEP, CONV] * 4, *TAIL],
        (1, 49, 10, 1), 0.5748363733291626, 87, (1, 12), 35, 2_656_768,
    ),
    "resnet": (
        [CONV] * 3 + ["ADD"] + [CONV] * 3 + ["ADD"] + [CONV] * 3 + ["ADD", *TAIL],
        (1, 32, 32, 3), 1.0, -128, (1, 10), 38, 12_501_632,
    ),
    "vww": (
        [CONV, *[DEEP, CONV] * 13, *TAIL],
        (1, 96, 96, 3), 0.003921568859368563, -128, (1, 2), 89, 7_489_664,
    ),
    "toycar": ([DENSE] * 10, (1, 640), 0.3910152316093445, 89, (1, 640), 31, 264_192),
}  # fmt: skip
"""The originals' structure, as MLPerf Tiny documents it and their files show it."""


def macs(graph) -> int:
    total = 0
    for operator in graph.operators:
        if operator.kind in (CONV, DEEP, DENSE):
            weights = graph.tensors[operator.inputs[1]]
            output = graph.tensors[operator.outputs[0]]
            # Each weight is used once per output position; DEPTHWISE's last axis are channels.
            total += weights.elements * output.elements // output.shape[-1]
    return total


@pytest.mark.parametrize("name", SHA256)
def test_a_twin_is_the_same_bytes_everywhere(name: str) -> None:
    assert hashlib.sha256(build(name)).hexdigest() == SHA256[name]


def test_a_twin_does_not_depend_on_the_process() -> None:
    script = (
        "import hashlib; from pytest_mlbench.models.twins import build; "
        "print(hashlib.sha256(build('aww')).hexdigest())"
    )
    other = {"PYTHONHASHSEED": "12345", "LC_ALL": "C"}
    finished = process.run([sys.executable, "-c", script], timeout=120, env=other)
    assert finished.text.strip() == SHA256["aww"]


@pytest.mark.parametrize("name", FACTS)
def test_a_twin_has_the_structure_of_its_original(name: str) -> None:
    kinds, shape, scale, zero_point, out_shape, tensors, count = FACTS[name]
    graph = read(build(name))
    assert [operator.kind for operator in graph.operators] == kinds
    (source,) = (graph.tensors[index] for index in graph.inputs)
    (result,) = (graph.tensors[index] for index in graph.outputs)
    assert (source.shape, source.dtype) == (shape, "int8")
    assert (source.quantisation.scale, source.quantisation.zero_point) == (scale, zero_point)
    assert (result.shape, result.dtype) == (out_shape, "int8")
    assert len(graph.tensors) == tensors
    assert macs(graph) == count


@pytest.mark.parametrize("name", FACTS)
def test_a_twin_is_sensibly_quantised(name: str) -> None:
    graph = read(build(name))
    for operator in graph.operators:
        if operator.kind not in (CONV, DEEP, DENSE):
            continue
        weights, bias = (graph.tensors[index] for index in operator.inputs[1:3])
        assert weights.data is not None
        rows = np.moveaxis(weights.data.astype(int), weights.quantisation.axis, 0)
        assert (abs(rows.reshape(len(rows), -1)).max(axis=1) == 127).all()
        source = graph.tensors[operator.inputs[0]].quantisation.scale
        product = np.float32(source) * np.array(weights.quantisation.scales, np.float32)
        np.testing.assert_allclose(bias.quantisation.scales, product, rtol=1e-6)
        assert set(weights.quantisation.zero_points) == {0}
        channels = 1 if operator.kind == DENSE else len(rows)
        assert len(weights.quantisation.scales) == channels


def test_originals_and_twins_agree_in_all_but_the_weights(original) -> None:
    """Operators, options, shapes, types and the activations' quantisation, tensor by tensor."""
    for name in FACTS:
        theirs, ours = original(name).graph, read(build(name))
        assert len(theirs.operators) == len(ours.operators)
        for one, other in zip(theirs.operators, ours.operators, strict=True):
            assert one.kind == other.kind
            if one.kind != "RESHAPE":
                assert one.options == other.options
            pairs = zip(one.inputs + one.outputs, other.inputs + other.outputs, strict=True)
            for left, right in ((theirs.tensors[i], ours.tensors[j]) for i, j in pairs):
                assert (left.shape, left.dtype) == (right.shape, right.dtype)
                assert (left.data is None) == (right.data is None)
                scales = [len(tensor.quantisation.scales) for tensor in (left, right)]
                assert scales[0] == scales[1]
                assert left.quantisation.axis == right.quantisation.axis
                if left.data is None:
                    assert left.quantisation == right.quantisation
