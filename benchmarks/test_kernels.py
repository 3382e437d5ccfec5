"""What each tuned kernel costs, beside what its inner loop alone must cost.

The theoretical count is that of the loop's listing, as the comment in the kernel's file derives
it; the measured one has everything in it: requantisation, packing, edges, calls.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import pytest
from kernel_models import MODELS, POOLS

if TYPE_CHECKING:
    from pytest_mlbench.plugin.benchmark import Bench

THEORY = {
    "conv2d": 2.4625,
    "conv2d_1x1": 2.4625,
    "conv2d_plane": 2.4625,
    "depthwise_3x3": 3.4,
    "depthwise_3x3_pairs": 1.4,
    "fully_connected_16": 3.09,
    "conv2d_pairs_expanded": 0.72,
    "conv2d_pairs_patches": 0.81,
    "conv2d_pairs_rows": 0.81,
    "conv2d_pairs_winograd": 38.75 / 108,
}
"""Instructions per MAC by kernel; for vectors by LMUL, at VLEN 128."""

VECTOR = {"m8": 116 / 1536, "m4": 207 / 1536, "m2": 401 / 1536}
PLANES = {"m8": 66 / (24 * 32), "m4": 130 / (56 * 16), "depthwise": 17 / (3 * 32)}

POOL = {
    "max_pool2d": 4 + 3 + 13 / 12 + 1,
    "vector_max_pool2d_2x2_row": 16 / 128,
    "vector_max_pool2d_2x2_blocks_4": 11.25 / 128,
}
"""Instructions per output of a window of 2x2: loads, comparisons, moves (a random value is larger
than the `n` before it with a probability of 1 / (n + 1)) and the store; for eight vector registers
at VLEN 128.
"""

MOST = {
    "kernel_depthwise_10x8-aot-tuned+vext-O3": 0.25,
    "kernel_max_pool_16-aot-tuned+vext-O3": 0.1,
    "kernel_max_pool_64-aot-tuned+vext-O3": 0.1,
    "kernel_max_pool_16-aot-tuned+vext-O3-rv32gcv_zvl256b": 0.08,
    "kernel_max_pool_64-aot-tuned+vext-O3-rv32gcv_zvl256b": 0.075,
}
"""What a case may take at most, per MAC or output, everything in it."""

VECTOR_DEPTHWISE = 67 / 288
VECTOR_FULLY_CONNECTED = 104 / (16 * 64)


def vlen(isa: str) -> int:
    """The vectors' length in bits."""
    return int(isa.rsplit("zvl", 1)[1].removesuffix("b")) if "zvl" in isa else 128


def theory(kernel: str, isa: str) -> float:
    """The inner loop's instructions per MAC."""
    name = kernel.removesuffix("_signed")
    bits = vlen(isa)
    if name.startswith("vector_conv2d"):
        return VECTOR[name.rsplit("_", 1)[1]] * 128 / bits
    if name.startswith("vector_planes"):
        return PLANES[name.rsplit("_", 1)[1]] * 128 / bits
    if name.startswith("vector_depthwise"):
        return VECTOR_DEPTHWISE * 128 / bits
    if name == "vector_fully_connected":
        return VECTOR_FULLY_CONNECTED * 128 / bits
    return THEORY[name.split("_c")[0] if name.startswith("depthwise") else name]


# Models and features are the test's own: options that choose others are not meant for it.
@pytest.mark.parametrize("features", ["tuned", "tuned,dext", "tuned,vext"])
@pytest.mark.parametrize("model", [model.name for model in MODELS])
@pytest.mark.mlbench(optimize=["3"])
def test_kernel(
    mlbench: Bench, model: str, features: str, capsys: pytest.CaptureFixture[str]
) -> None:
    del model, features  # parts of the case
    check(mlbench, capsys)


@pytest.mark.parametrize("model", ["kernel_conv_3x3_16", "kernel_conv_3x3_32"])
@pytest.mark.mlbench(features=["tuned,dext"], optimize=["3"], config={"winograd": "on"})
def test_winograd(mlbench: Bench, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its MACs are those of the direct convolution, 2.25 to a product."""
    del model  # part of the case
    check(mlbench, capsys)


@pytest.mark.parametrize("features", ["tuned", "tuned,vext"])
@pytest.mark.parametrize("model", [model.name for model in POOLS])
@pytest.mark.mlbench(optimize=["3"])
def test_pool(
    mlbench: Bench, model: str, features: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Per output: a pool has no MACs."""
    del model, features  # parts of the case
    result = mlbench.run()
    if not result.validation:
        pytest.skip("built only: nothing was counted")
    (operator,) = result.operators
    per_output = result.metrics["run_instructions"] / prod(map(int, operator["shape"].split("x")))
    kernel, row, _ = operator["kernel"].partition("_row")
    expected = POOL[kernel + row] * (128 / vlen(mlbench.case.isa) if row else 1)
    with capsys.disabled():
        print(
            f"\n{result.case}: {operator['kernel']}: {per_output:.3f} instructions per output, "
            f"{expected:.3f} in its loop"
        )
    assert operator["library"] == "tuned"
    assert per_output > expected * 0.8, "fewer than the loop's listing: the theory is wrong"
    assert per_output <= MOST.get(str(result.case), per_output)


def check(mlbench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """Run, and print both counts."""
    result = mlbench.run()
    if not result.validation:
        pytest.skip("built only: nothing was counted")
    (operator,) = result.operators
    per_mac = result.metrics["run_instructions"] / operator["macs"]
    expected = theory(operator["kernel"], mlbench.case.isa)
    with capsys.disabled():
        print(
            f"\n{result.case}: {operator['kernel']}: {per_mac:.3f} instructions per MAC, "
            f"{expected:.3f} in its loop"
        )
    assert operator["library"] == "tuned"
    assert per_mac > expected * 0.8, "fewer than the loop's listing: the theory is wrong"
    assert per_mac <= MOST.get(str(result.case), per_mac)
