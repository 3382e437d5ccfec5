"""Which layers a library takes over, and what is refused, without any tool."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from libraries import doubles

from pytest_mlbench.builtin import registry
from pytest_mlbench.errors import CompilerLacks, UsageError
from pytest_mlbench.kernels.cmsisnn import CMSISNN, calls
from pytest_mlbench.kernels.interface import Array, LowerContext, TensorRef
from pytest_mlbench.kernels.muriscvnn import MURISCVNN, faults
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
        components = CMSISNN.components(frozenset({kernel}), context())
        text = "".join(path.read_text() for path in components[1].sources)
        assert folder / f"{kernel}.c" in components[1].sources
        assert all(f"{name}(" in text for name in functions), kernel


def test_bindings_and_floating_point_are_not_compiled() -> None:
    names = {path.name for path in CMSISNN.files(doubles.CMSIS_NN)}
    assert "arm_convolve_wrapper_s8.c" in names
    left_out = ("arm_py", "arm_nn_activation", "arm_nntables")
    assert not {name for name in names if name.startswith(left_out)}


def test_a_checkout_without_sources_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Include").mkdir()
    with pytest.raises(UsageError, match="no C files in Source"):
        CMSISNN.files(tmp_path)


def test_a_missing_function_is_named_with_the_version_that_has_it(tmp_path: Path) -> None:
    folder = doubles.variant(tmp_path / "old", without=("arm_elementwise_add_s8",))
    with pytest.raises(UsageError) as caught:
        CMSISNN.lower(SUM, context(folder))
    assert "does not declare arm_elementwise_add_s8" in str(caught.value)
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
    components = CMSISNN.components(frozenset({"fully_connected"}), context(folder))
    assert components[1].defines == (f"MLBENCH_VECTOR_SUM_PARAMETERS={parameters}",)


@pytest.mark.parametrize(
    ("gcc14", "fits", "lacks"),
    [
        (False, ("gcc 13.2.0", "clang 18.1.8", ""), ("gcc 12.2.0", "gcc 14.1.0", "clang 17.0.1")),
        (True, ("gcc 13.2.0", "gcc 14.1.0", "gcc 15.1.0", "clang 22.1.8"), ("gcc 12.2.0",)),
    ],
    ids=["as pinned", "newer"],
)
def test_vext_needs_the_intrinsics_that_the_checkout_is_written_for(
    gcc14: bool, fits: tuple[str, ...], lacks: tuple[str, ...], tmp_path: Path
) -> None:
    folder = doubles.muriscv_nn(tmp_path / "m", gcc14=gcc14)
    vector = replace(context(folder), features=("muriscvnn", "vext"))
    for compiler in lacks:
        with pytest.raises(CompilerLacks) as caught:
            MURISCVNN.lower(CONV, replace(vector, compiler=compiler))
        assert compiler in str(caught.value)
        assert "--mlbench-toolchain llvm" in str(caught.value)
        assert ("a newer muRISCV-NN by" in str(caught.value)) == (compiler == "gcc 14.1.0")
    for compiler in fits:
        assert MURISCVNN.lower(CONV, replace(vector, compiler=compiler)) is not None
    assert MURISCVNN.lower(CONV, replace(context(folder), compiler="gcc 12.2.0")) is not None
    component = MURISCVNN.library_component(
        lambda _: folder, replace(vector, compiler="gcc 13.2.0")
    )
    assert component.defines == ("USE_VEXT",)


def wide(channels: int, size: tuple[int, int] = (3, 3), **changes: Any) -> layers.DepthwiseConv2D:
    """A 3x3 depthwise layer of `channels` with an output of `size`."""
    made = replace(
        DEPTHWISE,
        depth_multiplier=1,
        input_shape=(1, *size, channels),
        output_shape=(1, *size, channels),
        weights=np.ones((1, 3, 3, channels), np.int8),
        stride=(1, 1),
        padding=(1, 1),
        multipliers=np.full(channels, 1 << 30, np.int32),
        shifts=np.zeros(channels, np.int32),
    )
    return replace(made, **changes)


ROW = replace(CONV, input_shape=(1, 1, 8, 4), output_shape=(1, 1, 8, 5), stride=(1, 1))
LEFT = np.array([0, 0, 1, 0, 0], np.int32)


@pytest.mark.parametrize(
    ("layer", "scalar", "vectors"),
    [
        (wide(4), "", ""),
        (wide(3), "", ""),
        (wide(5), "5 channels misalign", ""),
        (wide(6, padding=(0, 1)), "6 channels misalign", ""),
        (wide(6, padding=(2, 1)), "", ""),
        (wide(64), "", ""),
        (wide(124), "", ""),
        (wide(128), "", "remaining pixels of 3x3 are wrong from channel 124 on"),
        (wide(128, (6, 6)), "", ""),
        (DEPTHWISE, "", ""),
        (CONV, "", ""),
        (ROW, "", "multi-row filters"),
        (replace(ROW, output_shape=(1, 1, 7, 5)), "", ""),
        (replace(CONV, shifts=LEFT), "", "positive shift"),
        (wide(5, shifts=LEFT), "5 channels misalign", "positive shift"),
        (replace(CONNECTED, shifts=LEFT[2:3]), "", "positive shift"),
        (replace(SUM, output_shift=1), "", "positive shift"),
        (replace(SUM, left=replace(SUM.left, shift=2)), "", "positive shift"),
        (SUM, "", ""),
        (POOL, "", ""),
    ],
)
def test_what_the_pinned_muriscv_nn_gets_wrong_is_left_to_the_reference(
    layer: layers.Layer, scalar: str, vectors: str, tmp_path: Path
) -> None:
    plain = context(doubles.muriscv_nn(tmp_path / "m"))
    vector = replace(plain, features=("muriscvnn", "vext"))
    for told, given in ((scalar, plain), (vectors, vector)):
        assert (MURISCVNN.lower(layer, given) is None) == bool(told)
        known = MURISCVNN.known((layer,), given)
        assert len(known) == bool(told)
        assert told in "".join(known)
    assert CMSISNN.lower(layer, context()) is not None


def test_a_checkout_that_copies_words_may_have_any_channels(tmp_path: Path) -> None:
    folder = doubles.muriscv_nn(tmp_path / "m")
    header = folder / "Include/muriscv_nn_support_functions.h"
    text = header.read_text()
    assert faults.loads_words(text)
    copied = text.replace("return *(const muriscv_nn_word *)in_q7;", "memcpy(&val, in_q7, 4);")
    assert copied != text
    assert not faults.loads_words(copied)
    header.write_text(copied)
    assert MURISCVNN.lower(wide(5), context(folder)) is not None


def test_a_cmsis_nn_that_needs_arms_core_headers_is_refused(tmp_path: Path) -> None:
    folder = doubles.variant(tmp_path / "old")
    header = folder / "Include/arm_nn_math_types.h"
    header.write_text(header.read_text() + '\n#include "cmsis_compiler.h"\n')
    with pytest.raises(UsageError) as caught:
        CMSISNN.lower(CONV, context(folder))
    assert "older than 4.1" in str(caught.value)
    assert "--mlbench-source cmsisnn=PATH" in str(caught.value)


def test_weights_are_aligned_to_words() -> None:
    connected = CMSISNN.lower(CONNECTED, context())
    constant = replace(SUM, inputs=(4,), left=replace(SUM.left, data=np.zeros((2, 3), np.int8)))
    added = CMSISNN.lower(constant, context())
    assert connected is not None
    assert added is not None
    arrays = (connected.arguments[0].fields["weights"], added.arguments[1])  # type: ignore[union-attr]
    assert all(isinstance(array, Array) and array.align == 4 for array in arrays)


def test_muriscv_nn_without_its_lists_is_refused(tmp_path: Path) -> None:
    folder = doubles.muriscv_nn(tmp_path / "m")
    (folder / "Source/CMakeLists.txt").unlink()
    with pytest.raises(UsageError, match=r"there is no Source/CMakeLists\.txt"):
        MURISCVNN.library_component(lambda _: folder, context(folder))


def test_two_libraries_exclude_each_other() -> None:
    known = registry()
    with pytest.raises(UsageError, match="exclude each other"):
        check_features(("cmsisnn", "muriscvnn"), known)
    check_features(("muriscvnn", "vext"), known)
    with pytest.raises(UsageError, match="refines"):
        check_features(("cmsisnn", "vext"), known)
