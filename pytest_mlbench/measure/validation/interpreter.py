"""Runs a reference interpreter over samples, in a separate process because it may crash.

`golden` runs this file as a script: REFERENCE FOLDER ARENA_BYTES. FOLDER holds model.tflite,
inputs.bin (all samples, all inputs, back to back) and plan.json. The file `STARTED` appears there
when the model is set up; the outputs of each sample from `first` on are appended to outputs.bin.
Exit status 3 means that the interpreter cannot be imported here.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

STARTED = "started"

Step = Callable[[list[Any], bool], list[Any]]
Start = Callable[[bytes, int, int], Step]

FAILED, CANNOT_IMPORT = 1, 3


def main(arguments: list[str]) -> int:
    """Runs the reference that `arguments` name; returns the exit status."""
    reference, folder, arena = arguments[0], Path(arguments[1]), int(arguments[2])
    # numpy only holds the samples here: starting its threads would take a fifth of a small run.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        start = {"tflite-micro": micro}[reference]()
    except ImportError as error:
        print(error, file=sys.stderr)
        return CANNOT_IMPORT
    try:
        run(start, folder, arena)
    except (RuntimeError, ValueError) as error:
        # The interpreter printed the cause on standard error; our traceback would add nothing.
        print(error, file=sys.stderr)
        return FAILED
    return 0


def run(start: Start, folder: Path, arena: int) -> None:
    """Runs all samples of the plan and writes their outputs."""
    import numpy as np

    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    step = start((folder / "model.tflite").read_bytes(), arena, plan["outputs"])
    data = (folder / "inputs.bin").read_bytes()
    (folder / STARTED).touch()
    first, reset = plan.get("first", 0), plan.get("reset", False)
    position = first * (len(data) // max(1, plan["samples"]))
    with (folder / "outputs.bin").open("ab" if first else "wb") as results:
        for sample in range(first, plan["samples"]):
            arrays = []
            for dtype, shape in plan["inputs"]:
                element = np.dtype(dtype)
                size = int(np.prod(shape, dtype=np.int64)) * element.itemsize
                values = np.frombuffer(data[position : position + size], element)
                arrays.append(values.reshape(shape).copy())
                position += size
            outputs = step(arrays, reset and sample > first)
            results.write(b"".join(np.ascontiguousarray(one).tobytes() for one in outputs))
            results.flush()


def micro() -> Start:
    """TensorFlow Lite Micro's interpreter with its reference kernels."""
    runtime = _runtime()

    def start(model: bytes, arena: int, outputs: int) -> Step:
        interpreter = runtime.Interpreter.from_bytes(model, arena_size=arena)

        def step(arrays: list[Any], reset: bool) -> list[Any]:
            if reset:
                interpreter.reset()
            for index, array in enumerate(arrays):
                interpreter.set_input(array, index)
            interpreter.invoke()
            return [interpreter.get_output(index) for index in range(outputs)]

        return step

    return start


def _runtime() -> Any:
    """The module `tflite_micro.runtime`, without the rest of its package.

    The package also imports tools for compressed models, which take half of the time to start.
    """
    name = "tflite_micro"
    found = None if name in sys.modules else importlib.util.find_spec(name)
    if found is not None and found.submodule_search_locations:
        bare = types.ModuleType(name)
        bare.__path__ = list(found.submodule_search_locations)
        sys.modules[name] = bare
        with contextlib.suppress(ImportError):
            return importlib.import_module(f"{name}.python.tflite_micro.runtime")
        for part in [part for part in sys.modules if part.split(".")[0] == name]:
            del sys.modules[part]
    from tflite_micro import runtime

    return runtime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
