"""Which layers a library takes over, and what is refused, without any tool."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from libraries import doubles

from pytest_mlbench.builtin import registry
from pytest_mlbench.errors import CannotRun, UserMistake
from pytest_mlbench.kernels.cmsisnn import CMSISNN, calls
from pytest_mlbench.kernels.interface import Array, LowerContext, TensorRef
from pytest_mlbench.kernels.muriscvnn import MURISCVNN
from pytest_mlbench.measure.rules import check_features
from pytest_mlbench.models.operators import layers

BASE: dict[str, Any] = {"index": 0, "inputs": (0,), "outputs": (1,), "macs": 1}
WEIGHTED: dict[str, Any] = {
    "bias": None,
    "input_offset": 5,
    "output_offset": -3,
    "activation_min": -128,
    "activation_max": 127,
}
CONV = layers.Conv2D(
    **BASE,
    kind="CONV_2D",
    input_shape=(1, 6, 8, 4),
    output_shape=(1, 3, 8, 5),
    weights=np.ones((5, 3, 2, 4), np.int8),
    stride=(2, 1),
    dilation=(1, 1),
    padding=(1, 0),
    multipliers=np.full(5, 1 << 30, np.int32),
    shifts=np.zeros(5, np.int32),
    **WEIGHTED,
)
DEPTHWISE = layers.DepthwiseConv2D(
    **{**CONV.__dict__, "kind": "DEPTHWISE_CONV_2D", "weights": np.ones((1, 3, 2, 8), np.int8)}
    | {"output_shape": (1, 3, 8, 8), "depth_multiplier": 2}
)
CONNECTED = layers.FullyConnected(
    **BASE,
    kind="FULLY_CONNECTED",
    batches=2,
    in_features=7,
    out_features=3,
    weights=np.ones((3, 7), np.int8),
    weights_offset=0,
    multipliers=np.array([1 << 30], np.int32),
    shifts=np.array([0], np.int32),
    **WEIGHTED,
)
POOL = layers.Pool2D(
    **BASE,
    kind="AVERAGE_POOL_2D",
    input_shape=(1, 4, 6, 2),
    output_shape=(1, 2, 3, 2),
    filter=(3, 2),
    stride=(2, 1),
    padding=(1, 0),
    activation_min=-128,
    activation_max=127,
)
SUM = layers.Elementwise(
    index=0,
    kind="ADD",
    inputs=(0, 1),
    outputs=(2,),
    macs=0,
    left=layers.Operand((2, 3), 1, 1 << 30, -1),
    right=layers.Operand((2, 3), 2, 1 << 30, -2),
    output_shape=(2, 3),
    left_shift=20,
    output_offset=4,
    output_multiplier=1 << 30,
    output_shift=-18,
    activation_min=-128,
    activation_max=127,
)


def context(folder: Path = doubles.CMSIS_NN, **changes: Any) -> LowerContext:
    return LowerContext(
        features=(), isa="rv32gc", optimize="3", sources=lambda _: folder, **changes
    )


def test_tiles_are_width_then_height_and_dims_batch_height_width_channels() -> None:
    call = CMSISNN.lower(CONV, context())
    assert call is not None
    fields = call.arguments[0].fields  # type: ignore[union-attr]
    assert ".stride = {.w = 1, .h = 2}" in fields["params"]
    assert ".padding = {.w = 0, .h = 1}" in fields["params"]
    assert ".input_offset = 5, .output_offset = -3" in fields["params"]
    assert fields["filter"] == "{.n = 5, .h = 3, .w = 2, .c = 4}"
    assert isinstance(call.scratch, str)
    assert call.scratch.startswith("mlbench_cmsisnn_conv2d_scratch(&(const struct ")
    assert call.setup is not None


def test_an_absent_bias_is_zeros() -> None:
    call = CMSISNN.lower(CONV, context())
    assert call is not None
    bias = call.arguments[0].fields["biases"]  # type: ignore[union-attr]
    assert isinstance(bias, Array)
    assert bias.values.tolist() == [0] * 5


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (replace(CONV, input_shape=(2, 6, 8, 4)), "several images"),
        (replace(CONV, input_shape=(1, 6, 8, 8)), "groups"),
        (replace(DEPTHWISE, dilation=(2, 1)), "dilated depthwise"),
        (replace(DEPTHWISE, input_shape=(2, 6, 8, 4)), "several images, depthwise"),
        (replace(CONNECTED, weights=None), "computed weights"),
        (replace(CONNECTED, weights_offset=1), "weights with a zero point"),
        (replace(POOL, input_shape=(2, 4, 6, 2)), "several images, pooling"),
        (replace(SUM, right=replace(SUM.right, shape=(1, 3))), "broadcasting"),
        (replace(SUM, kind="SUB"), "no such function"),
        (layers.Layer(**BASE, kind="MEAN"), "no such function"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_promised_is_left_to_the_reference(layer: layers.Layer, why: str) -> None:
    assert CMSISNN.lower(layer, context()) is None, why


def test_a_constant_operand_is_an_array_the_other_a_tensor() -> None:
    data = np.zeros((2, 3), np.int8)
    layer = replace(SUM, inputs=(4,), left=replace(SUM.left, data=data))
    call = CMSISNN.lower(layer, context())
    assert call is not None
    assert isinstance(call.arguments[1], Array)
    assert call.arguments[2] == TensorRef(4)


def test_every_kernel_has_an_adapter_file_and_the_functions_it_calls(tmp_path: Path) -> None:
    folder = Path(calls.__file__).with_name("adapter")
    for kernel, functions in calls.FUNCTIONS.items():
        parts = CMSISNN.parts(frozenset({kernel}), context())
        text = "".join(path.read_text() for path in parts[1].sources)
        assert folder / f"{kernel}.c" in parts[1].sources
        assert all(f"{name}(" in text for name in functions), kernel


def test_bindings_and_floating_point_are_not_compiled() -> None:
    names = {path.name for path in CMSISNN.files(doubles.CMSIS_NN)}
    assert "arm_convolve_wrapper_s8.c" in names
    assert not {name for name in names if name.startswith(("arm_py", "arm_nn_activation"))}


def test_a_checkout_without_sources_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Include").mkdir()
    with pytest.raises(UserMistake, match="no C files in Source"):
        CMSISNN.files(tmp_path)


def test_a_missing_function_is_named_with_the_version_that_has_it(tmp_path: Path) -> None:
    folder = doubles.variant(tmp_path / "old", without=("arm_elementwise_add_s8",))
    with pytest.raises(UserMistake) as caught:
        CMSISNN.lower(SUM, context(folder))
    assert "declares no arm_elementwise_add_s8" in str(caught.value)
    assert "CMSIS-NN 6.0.0" in str(caught.value)
    assert str(folder) in str(caught.value)


def test_without_the_per_channel_function_the_reference_steps_in(tmp_path: Path) -> None:
    layer = replace(
        CONNECTED, multipliers=np.full(3, 1 << 30, np.int32), shifts=np.zeros(3, np.int32)
    )
    call = CMSISNN.lower(layer, context())
    assert call is not None
    assert call.kernel == "fully_connected_per_channel"
    folder = doubles.variant(tmp_path / "old", without=("arm_fully_connected_per_channel_s8",))
    assert CMSISNN.lower(layer, context(folder)) is None
    assert CMSISNN.lower(CONNECTED, context(folder)) is not None


@pytest.mark.parametrize("parameters", [4, 6, 7])
def test_the_build_is_told_the_form_of_the_kernel_sums(parameters: int, tmp_path: Path) -> None:
    folder = doubles.variant(tmp_path / "c", vector_sum=parameters)
    parts = CMSISNN.parts(frozenset({"fully_connected"}), context(folder))
    assert parts[1].defines == (f"MLBENCH_VECTOR_SUM_PARAMETERS={parameters}",)


def test_vext_needs_a_compiler_with_intrinsics(tmp_path: Path) -> None:
    folder = doubles.muriscv_nn(tmp_path / "m")
    vector = replace(context(folder), features=("muriscvnn", "vext"))
    with pytest.raises(CannotRun) as caught:
        MURISCVNN.lower(CONV, replace(vector, compiler="gcc 12.2.0"))
    assert "gcc 12.2.0" in str(caught.value)
    assert "--mlbench-toolchain" in str(caught.value)
    for compiler in ("gcc 13.2.0", "gcc 14.1.0", "clang 18.1.8", ""):
        assert MURISCVNN.lower(CONV, replace(vector, compiler=compiler)) is not None
    assert MURISCVNN.lower(CONV, replace(context(folder), compiler="gcc 12.2.0")) is not None
    part = MURISCVNN.library_part(lambda _: folder, replace(vector, compiler="gcc 13.2.0"))
    assert part.defines == ("USE_VEXT",)


def test_muriscv_nn_without_its_lists_is_refused(tmp_path: Path) -> None:
    folder = doubles.muriscv_nn(tmp_path / "m")
    (folder / "Source/CMakeLists.txt").unlink()
    with pytest.raises(UserMistake, match=r"there is no Source/CMakeLists\.txt"):
        MURISCVNN.library_part(lambda _: folder, context(folder))


def test_two_libraries_exclude_each_other() -> None:
    known = registry()
    with pytest.raises(UserMistake, match="exclude each other"):
        check_features(("cmsisnn", "muriscvnn"), known)
    check_features(("muriscvnn", "vext"), known)
    with pytest.raises(UserMistake, match="refines"):
        check_features(("cmsisnn", "vext"), known)
