"""TensorFlow Lite Micro's own interpreter, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .model import ModelCase


def golden(model: ModelCase) -> list[list[bytes]]:
    """`[sample][output]` as bytes."""
    from tflite_micro import runtime

    activations = sum(t.bytes for t in model.graph.tensors if t.data is None)
    arena = 8 * activations + 4096 * len(model.graph.tensors) + (1 << 20)
    interpreter = runtime.Interpreter.from_bytes(model.data, arena_size=arena)
    results = []
    for sample in model.samples:
        for index, array in enumerate(sample):
            interpreter.set_input(array, index)
        interpreter.invoke()
        results.append(
            [
                np.ascontiguousarray(interpreter.get_output(index)).tobytes()
                for index in range(len(model.graph.outputs))
            ]
        )
    return results
