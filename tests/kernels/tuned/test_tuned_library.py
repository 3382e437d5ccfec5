"""What the library takes, what it leaves, and what it brings: without tools."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import numpy as np
import pytest

import pytest_mlbench.kernels.tuned.candidates  # noqa: F401 (its modules are looked at)
from pytest_mlbench.kernels.interface import KernelCall, LowerContext
from pytest_mlbench.kernels.tuned import library
from pytest_mlbench.kernels.tuned.geometry import PATCH, as_row
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.kernels.tuned.vext.common import vector_length
from pytest_mlbench.models.operators.layers import Conv2D, DepthwiseConv2D, FullyConnected

TUNED = LowerContext(("tuned",), "rv32gc", "3")
DEXT = LowerContext(("tuned", "dext"), "rv32gc", "3")
VEXT = LowerContext(("tuned", "vext"), "rv32gcv_zvl256b", "3")


def conv(channels: int = 8, *, weight: int = 3) -> Conv2D:
    return Conv2D(
        index=0,
        kind="CONV_2D",
        inputs=(0,),
        outputs=(1,),
        macs=0,
        input_shape=(1, 6, 6, 8),
        output_shape=(1, 6, 6, channels),
        weights=np.full((channels, 3, 3, 8), weight, np.int8),
        bias=None,
        stride=(1, 1),
        dilation=(1, 1),
        padding=(1, 1),
        input_offset=128,
        output_offset=-128,
        multipliers=np.full(channels, 2**30, np.int32),
        shifts=np.full(channels, -6, np.int32),
        activation_min=-128,
        activation_max=127,
    )


def depthwise() -> DepthwiseConv2D:
    layer = conv()
    fields = {name: getattr(layer, name) for name in layer.__dataclass_fields__}
    fields |= {"weights": np.full((1, 3, 3, 8), 3, np.int8), "kind": "DEPTHWISE_CONV_2D"}
    return DepthwiseConv2D(**fields, depth_multiplier=1)


def rows(batches: int) -> FullyConnected:
    return FullyConnected(
        index=0,
        kind="FULLY_CONNECTED",
        inputs=(0,),
        outputs=(1,),
        macs=0,
        batches=batches,
        in_features=8,
        out_features=20,
        weights=np.full((20, 8), 3, np.int8),
        bias=None,
        input_offset=128,
        weights_offset=0,
        output_offset=-128,
        multipliers=np.array([2**30], np.int32),
        shifts=np.array([-6], np.int32),
        activation_min=-128,
        activation_max=127,
    )


def lowered(layer: object, context: LowerContext) -> KernelCall:
    call = TunedLibrary().lower(layer, context)
    assert call is not None
    assert call.library == "tuned"
    return call


@pytest.mark.parametrize(
    ("layer", "context", "kernel"),
    [
        (conv(), TUNED, "conv2d"),
        (conv(), DEXT, "conv2d_pairs_rows"),
        (conv(), VEXT, "vector_planes_m8"),
        (conv(64), VEXT, "vector_conv2d_m8"),
        (depthwise(), TUNED, "depthwise_3x3_c8"),
        (depthwise(), DEXT, "depthwise_3x3_pairs_c8"),
        (depthwise(), VEXT, "vector_planes_depthwise"),
        (rows(1), TUNED, "fully_connected_16"),
        (rows(3), TUNED, "conv2d_1x1"),
        (rows(1), VEXT, "vector_fully_connected"),
        (rows(30), VEXT, "vector_conv2d_m4"),
    ],
)
def test_kernel(layer: object, context: LowerContext, kernel: str) -> None:
    assert lowered(layer, context).kernel == kernel


@pytest.mark.parametrize("prefer", ["cycles", "rom", "ram"])
def test_the_library_offers_all_and_takes_the_fastest(prefer: str) -> None:
    """The backend weighs constants and scratch memory, since it knows the whole model."""
    context = replace(VEXT, config={"prefer": prefer})
    found = TunedLibrary().candidates(conv(64), context)
    assert [call.kernel for call in found] == ["vector_conv2d_m8", "vector_planes_m8", "conv2d"]
    assert lowered(conv(64), context).kernel == "vector_conv2d_m8"


def test_a_column_is_a_row() -> None:
    column = replace(
        conv(),
        input_shape=(1, 6, 1, 8),
        output_shape=(1, 6, 1, 8),
        weights=np.full((8, 3, 1, 8), 3, np.int8),
        padding=(1, 0),
    )
    row = as_row(column)
    assert row.input_shape == row.output_shape == (1, 1, 6, 8)
    assert row.weights.shape == (8, 1, 3, 8)
    assert row.padding == (0, 1)
    assert as_row(conv()) is not None
    assert as_row(conv()).input_shape == conv().input_shape


def test_one_input_channel_is_a_convolution() -> None:
    layer = replace(
        depthwise(),
        input_shape=(1, 6, 6, 1),
        weights=np.full((1, 3, 3, 8), 3, np.int8),
        depth_multiplier=8,
    )
    assert lowered(layer, TUNED).kernel == "conv2d"
    assert lowered(layer, DEXT).kernel.startswith("conv2d_pairs")


@pytest.mark.parametrize(("context", "integer"), [(DEXT, True), (VEXT, False)])
def test_a_single_position_has_no_pair(context: LowerContext, integer: bool) -> None:
    layer = replace(
        conv(64),
        input_shape=(1, 1, 1, 8),
        output_shape=(1, 1, 1, 64),
        weights=np.full((64, 1, 1, 8), 3, np.int8),
        padding=(0, 0),
    )
    assert lowered(layer, context).kernel.startswith("conv2d_1x1") == integer


def test_a_core_without_multiplication_runs_the_reference_kernels() -> None:
    assert TunedLibrary().lower(conv(), replace(TUNED, isa="rv32ic")) is None


def test_a_core_without_d_runs_the_integer_kernels() -> None:
    assert lowered(conv(), replace(DEXT, isa="rv32imac")).kernel == "conv2d"


def test_grouped_convolutions_are_left_to_the_reference_kernels() -> None:
    assert TunedLibrary().lower(replace(conv(), input_shape=(1, 6, 6, 16)), TUNED) is None


def test_what_does_not_fit_32_bits_is_left_to_the_reference_kernels() -> None:
    steep = replace(conv(weight=127), shifts=np.full(8, 14, np.int32))
    assert TunedLibrary().lower(steep, TUNED) is None


def test_layers_below_the_zero_point_name_their_rounding() -> None:
    layer = replace(conv(), output_offset=3)
    assert lowered(layer, TUNED).kernel == "conv2d_signed"
    assert lowered(layer, TUNED).defines == ("MLBENCH_TUNED_GEMM_SIGNED",)
    assert lowered(conv(), TUNED).defines == ()


@pytest.mark.parametrize("context", [TUNED, DEXT, VEXT])
def test_every_build_proves_the_offsets(context: LowerContext) -> None:
    (component,) = TunedLibrary().components(frozenset(), context)
    assert [path.name for path in component.sources] == ["offsets.c"]


def test_vector_sources_are_assembled_for_the_isa() -> None:
    (component,) = TunedLibrary().components(frozenset(), VEXT)
    assert component.march == VEXT.isa
    assert "MLBENCH_TUNED_VLENB=32" in component.defines
    (component,) = TunedLibrary().components(frozenset(), TUNED)
    assert not component.march


def test_a_depthwise_layer_tells_the_assembler_its_channels() -> None:
    assert lowered(depthwise(), TUNED).defines == ("MLBENCH_TUNED_CHANNELS=8",)


def test_every_source_is_there_and_used() -> None:
    """By some kernel or by every build."""
    own = set(library.FOLDER.rglob("*.[cS]"))
    named = {library.FOLDER / "offsets.c", *PATCH}
    for module in sys.modules.values():
        if module.__name__.startswith(library.__package__ or ""):
            names = [name for name in vars(module) if name.startswith("SOURCES")]
            named |= {path for name in names for path in vars(module)[name]}
    assert all(path.is_file() for path in named)
    assert named == own


def test_offsets_of_the_assembly_are_those_of_its_own_structs() -> None:
    """Every offset that a kernel reads is proven in offsets.c."""
    header = (library.FOLDER / "include" / "mlbench_tuned_offsets.h").read_text(encoding="utf-8")
    proven = (library.FOLDER / "offsets.c").read_text(encoding="utf-8")
    offsets = set(re.findall(r"#define (\w+) [(0-9]", header))
    assert len(offsets) > 100
    assert offsets == set(re.findall(r"^AT\((\w+), ", proven, re.MULTILINE))


@pytest.mark.parametrize(
    ("isa", "bits"), [("rv32gcv", 128), ("rv32gcv_zvl512b", 512), ("rv64gcv_zba_zvl1024b", 1024)]
)
def test_vector_length(isa: str, bits: int) -> None:
    assert vector_length(isa) == bits


@pytest.mark.parametrize("context", [TUNED, DEXT, VEXT])
def test_a_channel_of_one_output_keeps_the_fast_kernel(context: LowerContext) -> None:
    """A dead channel has no weights and any factor, often a huge one."""
    layer = depthwise()
    weights, shifts, bias = layer.weights.copy(), layer.shifts.copy(), np.zeros(8, np.int32)
    weights[..., 2] = 0
    shifts[2], bias[2] = 7, 3
    dead = replace(layer, weights=weights, shifts=shifts, bias=bias)
    assert lowered(dead, context).kernel == lowered(layer, context).kernel


@pytest.mark.parametrize(
    ("context", "kernel"), [(DEXT, "conv2d_pairs_patches"), (VEXT, "vector_planes_m8")]
)
def test_wide_images_are_not_kept_whole(context: LowerContext, kernel: str) -> None:
    shape = (1, 200, 500, 8)
    wide = replace(conv(64), input_shape=shape, output_shape=(1, 200, 500, 64))
    call = lowered(wide, context)
    assert call.kernel == kernel
    assert isinstance(call.scratch, int)
    assert call.scratch <= 64 << 10


@pytest.mark.parametrize("context", [DEXT, VEXT])
def test_a_layer_that_would_need_much_scratch_runs_on_the_integer_kernel(
    context: LowerContext,
) -> None:
    deep = replace(
        conv(),
        input_shape=(1, 6, 6, 4000),
        weights=np.full((8, 3, 3, 4000), 1, np.int8),
        shifts=np.full(8, -10, np.int32),
    )
    assert lowered(deep, context).kernel == "conv2d"


def test_a_dead_channel_keeps_the_d_unit() -> None:
    """Converters give a channel without weights a huge bias: it must fit no half of a pair."""
    layer = conv()
    bias, shifts = np.zeros(8, np.int32), layer.shifts.copy()
    bias[5], shifts[5] = 2**30, -30
    assert lowered(replace(layer, bias=bias, shifts=shifts), DEXT).kernel == "conv2d_pairs_rows"
