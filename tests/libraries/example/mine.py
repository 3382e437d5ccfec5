"""A kernel library of one kernel: FULLY_CONNECTED. Everything else stays with the reference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_mlbench.api import Component, Feature, KernelLibrary, ReferenceLibrary

HERE = Path(__file__).parent


class Mine(KernelLibrary):
    name = "mine"
    features = (Feature("mine", "my own kernels", library="mine"),)

    def lower(self, layer, context):
        call = ReferenceLibrary().lower(layer, context)
        if call is None or call.kernel != "fully_connected" or layer.weights_offset:
            return None
        return replace(call, library="mine", function="mine_fully_connected", header="mine.h")

    def components(self, kernels, context):
        return (Component("mine", sources=(HERE / "mine.c",), headers=(HERE,), public=True),)


def pytest_mlbench_kernel_libraries():
    return [Mine()]
