"""How far below its input a kernel's output must begin so that the two may overlap.

A kernel that goes over the output positions in order writes at increasing addresses and reads at
increasing addresses. If the output begins `distance` bytes below the input, a write never reaches
a byte that is still to be read (Blacker et al., "Diagonal Memory Optimisation", 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.models.operators.layers import Conv2D, Pool2D


@dataclass(frozen=True)
class Walk:
    """The access order of an int8 kernel: image by image, row by row, pixel by pixel.

    It computes all channels of an output pixel from one window of the input. Shapes are NHWC.
    """

    input_shape: tuple[int, int, int, int]
    output_shape: tuple[int, int, int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)


def walk(layer: Conv2D | Pool2D) -> Walk:
    """The access order of a layer that slides a window over its input."""
    return Walk(layer.input_shape, layer.output_shape, layer.stride, layer.padding)


def distance(walk: Walk, *, together: int = 0) -> int:
    """The least safe distance in bytes; at most the output's size.

    With `together` = n > 0, the kernel reads the windows of n pixels completely before it writes
    the first of these pixels. With 0, it may still read a pixel's window while it writes that
    pixel's channels.
    """
    needed = _first_read(walk)
    pixel = walk.output_shape[3]
    positions = len(needed)
    step = max(together, 1)
    ends = np.minimum(np.arange(step, positions + step, step), positions)
    after = ends if together else ends - 1
    reads = after < positions
    apart = ends[reads] * pixel - needed[after[reads]]
    return int(min(max(apart.max(initial=0), 0), positions * pixel))


def distance_of_rows(walk: Walk) -> int:
    """The same for a kernel that reads and writes the pixels of a row in any order."""
    _, _, width, channels = walk.output_shape
    needed = _first_read(walk)[::width]
    apart = np.arange(1, len(needed) + 1) * width * channels - needed
    return int(min(max(apart.max(initial=0), 0), len(needed) * width * channels))


def _first_read(walk: Walk) -> NDArray[np.int64]:
    """For each output position, the first input byte that it or any later position reads."""
    batches, height, width, channels = walk.input_shape
    _, out_h, out_w, _ = walk.output_shape
    top = np.maximum(np.arange(out_h) * walk.stride[0] - walk.padding[0], 0)
    left = np.maximum(np.arange(out_w) * walk.stride[1] - walk.padding[1], 0)
    image = (top[:, None] * width + left[None, :]) * channels
    starts = np.arange(batches)[:, None] * (height * width * channels) + image.reshape(1, -1)
    return np.minimum.accumulate(starts.reshape(-1)[::-1])[::-1]
