"""Asks the installed reference interpreter whether it runs a model at all."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process
from pytest_mlbench.models.operators.redundant import file_of
from pytest_mlbench.models.samples import seeded

from .golden import REFERENCES, arena_size
from .interpreter import CANNOT_IMPORT
from .sample_runs import how, last_words

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph

TIMEOUT = 60.0
"""Seconds for one sample on the host."""

_RUNNER = Path(__file__).with_name("interpreter.py")


def asked(graph: Graph, data: bytes) -> tuple[str, str]:
    """The name and version of the installed interpreter, empty without one; and why it does not run
    one sample of the model, empty if it does."""
    for reference in REFERENCES:
        name = reference.name()
        if not name:
            continue
        finished = _run(graph, data, reference.distribution)
        if finished.timed_out:
            return name, f"it did not finish a sample within {TIMEOUT:g} s"
        if finished.returncode != CANNOT_IMPORT:
            failed = finished.returncode != 0
            return name, f"{last_words(finished)} ({how(finished)})" if failed else ""
    return "", ""


def _run(graph: Graph, data: bytes, distribution: str) -> process.Finished:
    inputs = [graph.tensors[index] for index in graph.inputs]
    plan = {
        "inputs": [[tensor.dtype, list(tensor.shape)] for tensor in inputs],
        "outputs": len(graph.outputs),
        "samples": 1,
    }
    (sample,) = seeded(graph, "inspect", count=1)
    with tempfile.TemporaryDirectory(prefix="mlbench-") as name:
        folder = Path(name)
        (folder / "model.tflite").write_bytes(file_of(graph, data))
        (folder / "inputs.bin").write_bytes(b"".join(sample))
        (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        command = [sys.executable, str(_RUNNER), distribution, name, str(arena_size(graph))]
        return process.run(command, timeout=TIMEOUT)
