"""A kernel library that brings an operator of its own: the custom operator SaturatingScale."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pytest_mlbench.api import (
    Component,
    Feature,
    KernelCall,
    KernelLibrary,
    Struct,
    TensorRef,
    UncoveredLayer,
)

HERE = Path(__file__).parent


class Saturn(KernelLibrary):
    name = "saturn"
    features = (Feature("saturn", "SaturatingScale", library="saturn"),)

    def lower(self, layer, context):
        if not isinstance(layer, UncoveredLayer) or layer.kind != "SaturatingScale":
            return None
        if layer.sources[0].dtype != "int8" or len(factor(layer)) != 1:
            return None
        fields = {"count": layer.results[0].elements, "factor": factor(layer)[0]}
        return KernelCall(
            kernel="saturating_scale",
            library="saturn",
            function="saturn_saturating_scale",
            header="saturn.h",
            arguments=(
                Struct("struct saturn_scale", fields),
                TensorRef(layer.inputs[0]),
                TensorRef(layer.outputs[0]),
            ),
            in_place=((0, 0),),
        )

    def components(self, kernels, context):
        return (Component("saturn", sources=(HERE / "saturn.c",), headers=(HERE,), public=True),)

    def reference(self, layer, source):
        return np.clip(source.astype(int) * factor(layer)[0], -128, 127)


def factor(layer):
    return layer.operator.options.get("custom_options", b"")


def pytest_mlbench_kernel_libraries():
    return [Saturn()]
