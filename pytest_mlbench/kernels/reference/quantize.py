"""Calls of quantize.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.models.operators import layers

from .kernel import FIRST, Kernel, call, inputs, struct

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall


def _affine(layer: layers.Affine) -> KernelCall:
    name = "quantize" if layer.kind == "QUANTIZE" else "dequantize"
    if layer.dtype == "uint8":
        name += "_uint8"
    # Going up, QUANTIZE (4 to 1 byte) writes below where it reads; DEQUANTIZE would overtake it.
    in_place = FIRST if layer.kind == "QUANTIZE" else ()
    return call(name, layer, struct(layer, "affine"), *inputs(layer), in_place=in_place)


_NAMES = ("quantize", "dequantize", "dequantize_uint8")

KERNELS = (Kernel(layers.Affine, dict.fromkeys(_NAMES, "quantize.c"), _affine),)
