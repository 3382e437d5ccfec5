"""Runs TensorFlow Lite Micro's own interpreter in a separate process, because it may crash."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pytest_mlbench.measure.validation import interpreter
from pytest_mlbench.process import forked, scratch

if TYPE_CHECKING:
    from .model import ModelCase


class ReferenceFailed(AssertionError):
    """The interpreter refused the model or crashed on it: the test drew what TFLM cannot run."""


def golden(model: ModelCase, *, reset: bool = False) -> list[list[bytes]]:
    """`[sample][output]` as bytes. `reset`: a state is reset between samples.

    A model is often checked with several libraries and ISAs in turn, so the last few results are
    kept: the interpreter always computes the same from the same model and inputs.
    """
    stdin = b"".join(model.stdin(sample) for sample in range(len(model.samples)))
    key = (hashlib.sha256(model.data).digest(), hashlib.sha256(stdin).digest(), reset)
    if key not in _last:
        found = _run(model, stdin, reset=reset)
        while len(_last) >= _MOST:
            _last.pop(next(iter(_last)))
        _last[key] = found
    return [list(row) for row in _last[key]]


_IMPORTS = ("numpy", "tflite_micro.runtime", interpreter.__name__)
"""What each run of the interpreter needs."""

_MOST = 32
_last: dict[tuple[bytes, bytes, bool], list[list[bytes]]] = {}


def _run(model: ModelCase, stdin: bytes, *, reset: bool) -> list[list[bytes]]:
    tensors = model.graph.tensors
    activations = sum(t.bytes for t in tensors if t.data is None)
    arena = 8 * activations + 4096 * len(tensors) + (1 << 20)
    sizes = [tensors[index].bytes for index in model.graph.outputs]
    plan = {
        "samples": len(model.samples),
        "inputs": [[tensors[i].dtype, list(tensors[i].shape)] for i in model.graph.inputs],
        "outputs": len(sizes),
        "reset": reset,
    }
    with scratch.folder("golden") as folder:
        (folder / "model.tflite").write_bytes(model.data)
        (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        (folder / "inputs.bin").write_bytes(stdin)
        arguments = ["tflite-micro", str(folder), str(arena)]
        done = forked.run(interpreter.main, arguments, imports=_IMPORTS, timeout=600)
        if done.returncode != 0 or done.timed_out:
            said = done.error_text.strip().splitlines()
            raise ReferenceFailed(f"status {done.returncode}: {' | '.join(said[-3:])}")
        outputs = folder / "outputs.bin"
        data = outputs.read_bytes() if outputs.is_file() else b""
    if len(data) != sum(sizes) * len(model.samples):
        raise ReferenceFailed(f"it ended after {len(data)} bytes of outputs")
    results, position = [], 0
    for _ in model.samples:
        row = []
        for size in sizes:
            row.append(data[position : position + size])
            position += size
        results.append(row)
    return results
