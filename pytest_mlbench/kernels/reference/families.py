"""All reference kernels: one module per family, beside its C files."""

from __future__ import annotations

from . import (
    activation,
    convolution,
    copies,
    elementwise,
    float32,
    fully_connected,
    images,
    int16,
    moves,
    pairs,
    pooling,
    quantize,
    recurrent,
    reduction,
    softmax,
    sums,
)

FAMILIES = (
    activation,
    convolution,
    copies,
    elementwise,
    float32,
    fully_connected,
    images,
    int16,
    moves,
    pairs,
    pooling,
    quantize,
    recurrent,
    reduction,
    softmax,
    sums,
)
"""One module per family of kernels, beside its C files; to add a family, add a line here."""

KERNELS = {kernel.layer: kernel for family in FAMILIES for kernel in family.KERNELS}

SOURCES = {name: file for kernel in KERNELS.values() for name, file in kernel.sources.items()}
"""Kernel -> the file that defines the C function `mlbench_reference_<kernel>`."""
