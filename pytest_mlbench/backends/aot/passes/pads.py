"""Merges PAD into the following convolution.

A convolution treats everything outside its input as zero points. PAD writes zero points around the
image, unless PADV2 gives another value. So the convolution can read the original image, with the
rows above and columns to the left as its own padding. The result is exact, and no padded copy is
made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlbench.models.operators.layers import Conv2D, DepthwiseConv2D, Pad

if TYPE_CHECKING:
    from .program import Program


def run(program: Program) -> Program:
    """Folds every possible PAD."""
    for place, layer in enumerate(program.layers):
        if not isinstance(layer, Pad):
            continue
        reader = program.only_reader(layer.outputs[0])
        convolution = None if reader is None else program.layers[reader]
        if reader is None or type(convolution) not in (Conv2D, DepthwiseConv2D):
            continue
        assert isinstance(convolution, Conv2D)
        if program.graph.tensors[layer.inputs[0]].variable:
            continue  # it may be written anew before the convolution runs
        if _fits(layer, convolution):
            _, top, left, _ = layer.before
            _, height, width, _ = layer.input_shape
            _, _, _, channels = convolution.input_shape
            merged = replace(
                convolution,
                inputs=(layer.inputs[0], *convolution.inputs[1:]),
                input_shape=(convolution.input_shape[0], height, width, channels),
                padding=(top, left),
            )
            program = program.into_next(place, reader, merged)
    return program


def _fits(pad: Pad, convolution: Conv2D) -> bool:
    """Is the image padded with zero points, and not more than a convolution may be?

    Kernels require that the first window reaches into the image and the last one begins in it.
    """
    if len(pad.input_shape) != 4 or pad.before[0] or pad.before[3]:
        return False
    same = all(pad.input_shape[i] == pad.output_shape[i] for i in (0, 3))
    if (
        not same
        or convolution.inputs[0] != pad.outputs[0]
        or pad.value != -convolution.input_offset
    ):
        return False
    if convolution.padding != (0, 0):
        return False
    for axis in (0, 1):
        size, before = pad.input_shape[1 + axis], pad.before[1 + axis]
        reach = (convolution.weights.shape[1 + axis] - 1) * convolution.dilation[axis]
        last = (convolution.output_shape[1 + axis] - 1) * convolution.stride[axis] - before
        if before > reach or last > size - 1:
            return False
    return True
