"""Runs the models 0.tflite, 1.tflite, ... of a folder in TensorFlow Lite Micro's interpreter.

plan.json has the type and shape of each input of each model. Prints one line per model: 'runs' or
'refuses'. Started as a program, because the interpreter writes to standard error and may crash.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ARENA = 1 << 18


def verdict(data: bytes, inputs: list[tuple[str, list[int]]]) -> str:
    """Whether the interpreter prepares and executes the model, whose inputs are all ones."""
    import numpy as np
    from tflite_micro import runtime

    try:
        interpreter = runtime.Interpreter.from_bytes(data, arena_size=ARENA)
        for place, (dtype, shape) in enumerate(inputs):
            interpreter.set_input(np.ones(shape, dtype), place)
        interpreter.invoke()
    except RuntimeError:
        return "refuses"
    return "runs"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    for number, inputs in enumerate(plan):
        print(verdict((folder / f"{number}.tflite").read_bytes(), inputs), flush=True)
