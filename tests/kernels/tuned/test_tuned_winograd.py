"""Winograd's convolution (`dext` with winograd=on): on random layers against TensorFlow Lite Micro,
its proof, and where it runs."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pytest
from chosen import owners, with_layers
from proofs import LEVEL, LEVELS
from shapes import USUAL, WINOGRAD
from test_tuned_library import DEXT, conv, lowered

from pytest_mlbench.kernels.tuned.dext import winograd
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.kernels.tuned.requantise import double
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import LAYERS, LayerCase, Mismatch, check_layers

if TYPE_CHECKING:
    from chosen import Cases

    from pytest_mlbench.models.operators.layers import Conv2D

ON = {"winograd": "on"}
CONTEXT = replace(DEXT, config=ON)
KERNEL = "conv2d_pairs_winograd"
SETS = {"winograd": WINOGRAD, "usual": USUAL["CONV_2D"], "any": LAYERS["CONV_2D"]}


@pytest.fixture
def everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel can run, it does, though the direct one may be faster."""
    monkeypatch.setattr(winograd, "direct_instructions", lambda layer: 2**62)


def kernels(cases: list[LayerCase], *, runner: str, isa: str, optimize: str) -> list[str]:
    generated = check_layers(
        cases,
        libraries=(TunedLibrary(),),
        features=DEXT.features,
        config=ON,
        isa=isa,
        runner=runner,
        optimize=optimize,
    )
    return [str(row["kernel"]) for row in generated.operators if row["name"] == "CONV_2D"]


def check(kinds: list[str], runner: str, isa: str) -> None:
    pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")
    ran: dict[str, set[str]] = {kind: set() for kind in kinds}

    @with_layers({kind: SETS[kind] for kind in kinds}, replace(CONTEXT, isa=isa))
    def run(cases: Cases) -> None:
        names = owners(cases)
        layers = list(chain(*cases.values()))
        for level in LEVELS if runner == "spike" else (LEVEL["host"],):
            found = kernels(layers, runner=runner, isa=isa, optimize=level)
            for name, kernel in zip(names, found, strict=True):
                ran[name].add(kernel)

    assert {KERNEL, f"{KERNEL}_signed"} <= ran.get("winograd", {KERNEL, f"{KERNEL}_signed"})


@pytest.mark.spike
@pytest.mark.usefixtures("everywhere")
@pytest.mark.kinds(tuple(SETS), at_once=3)
@pytest.mark.parametrize("isa", ["rv32gc", "rv64gc"])
def test_equals_tflm(kinds: list[str], isa: str) -> None:
    check(kinds, "spike", isa)


@pytest.mark.usefixtures("everywhere")
@pytest.mark.kinds(tuple(SETS), at_once=3)
def test_no_sanitizer_complains_and_outputs_are_equal(kinds: list[str]) -> None:
    check(kinds, "host", "rv32gc")


def image(height: int, width: int, depth: int, channels: int, *, weight: int = 3) -> Conv2D:
    """A layer with SAME padding."""
    return replace(
        conv(channels),
        input_shape=(1, height, width, depth),
        output_shape=(1, height, width, channels),
        weights=np.full((channels, 3, 3, depth), weight, np.int8),
    )


USED = image(16, 16, 16, 16)


def test_it_runs_where_it_is_asked_for() -> None:
    assert lowered(USED, CONTEXT).kernel == KERNEL
    assert lowered(USED, DEXT).kernel == "conv2d_pairs_rows"
    assert lowered(USED, replace(DEXT, config={"winograd": "off"})).kernel == "conv2d_pairs_rows"
    assert lowered(USED, replace(CONTEXT, isa="rv32imac")).kernel == "conv2d"


def test_the_feature_declares_its_key() -> None:
    keys = {feature.name: (feature.config, feature.values) for feature in TunedLibrary().features}
    own = (("winograd",), {"winograd": ("on", "off")})
    prefer = (("prefer",), {"prefer": ("cycles", "rom", "ram")})
    assert keys | {"tuned": prefer, "dext": own, "vext": ((), {})} == keys


@pytest.mark.parametrize(
    "layer",
    [
        replace(USED, stride=(2, 2), output_shape=(1, 8, 8, 16)),
        replace(USED, weights=np.full((16, 3, 1, 16), 3, np.int8), padding=(1, 0)),
        image(16, 16, 16, 3),
        image(1, 16, 16, 16),
        image(3, 3, 16, 16),
        image(16, 16, 1, 4),
        image(16, 16, 120, 16, weight=1),
    ],
    ids=["stride", "3x1", "three channels", "one row", "tiny", "one channel", "much scratch"],
)
def test_it_leaves(layer: Conv2D) -> None:
    assert KERNEL not in lowered(layer, CONTEXT).kernel


@pytest.mark.parametrize("width", range(1, 60))
@pytest.mark.parametrize("most", winograd.STRIPS)
def test_strips_cover_the_image_and_the_last_one_starts_in_it(width: int, most: int) -> None:
    found = winograd.strips(width, most)
    assert sum(found[:-1]) * 2 < width <= sum(found) * 2


def test_values_are_at_most_what_the_proof_takes_them_for() -> None:
    b = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
    reach = 128 * np.einsum("iy,jx->ijyx", np.abs(b), np.abs(b)).sum(axis=(2, 3))
    assert (reach <= winograd.LARGEST_VALUE).all()


def test_transforms_make_a_convolution() -> None:
    generator = np.random.default_rng(1)
    tile, g = generator.integers(-128, 128, (4, 4)), generator.integers(-128, 128, (1, 3, 3, 1))
    b = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
    a = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])
    products = (b @ tile @ b.T) * winograd.transformed(g.astype(np.int8)).reshape(4, 4)
    direct = [[(tile[y : y + 3, x : x + 3] * g[0, ..., 0]).sum() for x in (0, 1)] for y in (0, 1)]
    assert (a @ products @ a.T == winograd.SCALE * np.array(direct)).all()


def test_a_sum_that_no_double_holds_runs_on_another_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = winograd.transformed(USED.weights)
    assert winograd.is_exact(weights, np.zeros(16, np.int64))
    assert not winograd.is_exact(weights, np.full(16, 2**28))
    assert not winograd.is_exact(1024 * weights, np.zeros(16, np.int64))
    monkeypatch.setattr(winograd, "EXACT", 2**40)
    assert lowered(USED, CONTEXT).kernel == "conv2d_pairs_rows"


def wide(weight: int) -> LayerCase:
    """3x3, 40 channels, every weight the same: the accumulator reaches 360 * weight * 255."""
    build = GraphBuilder()
    x = build.input("x", (1, 8, 8, 40), scale=1.0, zero_point=-128)
    w = build.constant("w", np.full((8, 3, 3, 40), weight, np.int8), scale=2.0**-9)
    y = build.activation("y", (1, 8, 8, 8), scale=64.0, zero_point=-128)
    build.op("CONV_2D", [x, w, -1], [y], padding="SAME", stride_h=1, stride_w=1)
    samples = [np.full((1, 8, 8, 40), value, np.int8) for value in (-128, 5, 127)]
    return LayerCase(build.finish([y]), tuple((sample,) for sample in samples), note="one weight")


def checked(*cases: LayerCase) -> list[str]:
    pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")
    return kernels(list(cases), runner="host", isa="rv32gc", optimize=LEVEL["host"])


def test_a_layer_without_proof_runs_on_the_integer_kernel_and_says_so() -> None:
    assert checked(wide(40), wide(127)) == [KERNEL, "conv2d"]


def test_without_the_proof_the_output_would_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(double, "fits_half", lambda acc: True)
    with pytest.raises(Mismatch):
        checked(wide(127))
