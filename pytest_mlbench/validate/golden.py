"""The golden outputs: what a reference interpreter on the host computes for every sample.

TensorFlow Lite Micro's own interpreter is the reference. Where its wheel is missing, LiteRT with
reference kernels takes its place, and the record names it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pytest_mlbench import process
from pytest_mlbench.errors import CannotRun
from pytest_mlbench.validate.reference_runner import CANNOT_IMPORT

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.models.load import LoadedModel
    from pytest_mlbench.tflite.graph import Graph

TIMEOUT = 900.0
"""Seconds for all samples of one model on the host."""

REMEDY = "Install one: python -m pip install tflite-micro (or ai-edge-litert)"
_FORMAT = "1"
_ARENA_LEAST = 1 << 20
_ARENA_MOST = 1 << 30
_RUNNER = Path(__file__).with_name("reference_runner.py")


@dataclass(frozen=True)
class Reference:
    """A reference interpreter: its distribution on PyPI and the module to import."""

    distribution: str
    module: str
    suffix: str = ""

    def identity(self) -> str:
        """Name and version for the record; empty when it is not installed."""
        try:
            if importlib.util.find_spec(self.module) is None:
                return ""
            version = importlib.metadata.version(self.distribution)
        except (ImportError, ValueError):
            return ""
        return f"{self.distribution} {version}{self.suffix}"


REFERENCES = (
    Reference("tflite-micro", "tflite_micro"),
    Reference("ai-edge-litert", "ai_edge_litert", " (reference kernels)"),
)
"""In order of preference."""


class Entries(Protocol):
    """Where golden outputs are kept: `provision.cache.Cache`."""

    def entry(
        self,
        kind: str,
        key: str,
        make: Callable[[Path], None],
        *,
        verify: Callable[[Path], bool] | None = None,
    ) -> Path:
        """The verified folder of an entry, made when it is missing."""
        ...


@dataclass(frozen=True)
class Golden:
    """`outputs[sample][output]` are raw bytes; `reference` names who computed them."""

    outputs: tuple[tuple[bytes, ...], ...]
    reference: str


def golden(
    model: LoadedModel,
    cache: Entries,
    *,
    timeout: float = TIMEOUT,
    references: tuple[Reference, ...] = REFERENCES,
) -> Golden:
    """The reference's outputs of all samples of `model`, from the cache or computed now.

    Raises CannotRun when no reference interpreter is installed, and when the reference fails on
    this model: without golden outputs there is no validation, and without that no result.
    """
    sizes = [model.graph.tensors[index].bytes for index in model.graph.outputs]
    broken = []
    for reference in references:
        identity = reference.identity()
        if not identity:
            continue
        try:
            folder = cache.entry(
                "golden",
                _key(model, identity),
                _Maker(model, reference, identity, timeout),
                verify=lambda folder: _intact(folder, sum(sizes) * len(model.samples)),
            )
        except _CannotImport as error:
            broken.append(f"{identity} cannot be imported: {error.what}")
            continue
        data = (folder / "outputs.bin").read_bytes()
        return Golden(_split(data, sizes, len(model.samples)), identity)
    detail = f" ({'; '.join(broken)})" if broken else ""
    raise CannotRun(
        f"no reference interpreter is installed to validate {model.name} with{detail}",
        remedy=REMEDY,
    )


class _CannotImport(CannotRun):
    """The wheel is there but does not load on this machine."""


@dataclass(frozen=True)
class _Maker:
    """Fills a cache entry: outputs.bin, and golden.json with its identity and hash."""

    model: LoadedModel
    reference: Reference
    identity: str
    timeout: float

    def __call__(self, folder: Path) -> None:
        graph = self.model.graph
        inputs = [graph.tensors[index] for index in graph.inputs]
        plan = {
            "inputs": [[tensor.dtype, list(tensor.shape)] for tensor in inputs],
            "outputs": len(graph.outputs),
            "samples": len(self.model.samples),
        }
        (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        (folder / "model.tflite").write_bytes(self.model.data)
        (folder / "inputs.bin").write_bytes(b"".join(map(b"".join, self.model.samples)))
        command = [sys.executable, str(_RUNNER), self.reference.distribution]
        finished = process.run(
            [*command, str(folder), str(arena_size(graph))], timeout=self.timeout
        )
        self._judge(finished)
        (folder / "model.tflite").unlink()
        (folder / "inputs.bin").unlink()
        data = (folder / "outputs.bin").read_bytes()
        facts = {
            "model": self.model.name,
            "model_sha256": self.model.sha256,
            "reference": self.identity,
            "outputs_sha256": hashlib.sha256(data).hexdigest(),
        }
        (folder / "golden.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")

    def _judge(self, finished: process.Finished) -> None:
        if finished.timed_out:
            raise CannotRun(
                f"{self.identity} did not finish {len(self.model.samples)} samples of "
                f"{self.model.name} within {self.timeout:g} s",
                remedy="Allow more time with --mlbench-timeout",
            )
        last = _last_words(finished)
        if finished.returncode == CANNOT_IMPORT:
            raise _CannotImport(last)
        if finished.returncode:
            how = f"status {finished.returncode}"
            if finished.returncode < 0:
                how = f"signal {-finished.returncode}"
            raise CannotRun(
                f"{self.identity} cannot run {self.model.name}, so it cannot be validated "
                f"({how}): {last}",
                remedy="Check that the model runs in TensorFlow Lite Micro",
            )


def _last_words(finished: process.Finished) -> str:
    """What the interpreter said before it failed: the last lines, traceback frames left out."""
    lines = [line.strip() for line in finished.error_text.splitlines()]
    told = [line for line in lines if line and not line.startswith(("File ", "Traceback", "^"))]
    return " | ".join(told[-3:])[-400:] or "it printed nothing"


def arena_size(graph: Graph) -> int:
    """Bytes of arena that are surely enough for TensorFlow Lite Micro, within a bound.

    All activations side by side, per-channel parameters, float copies of nothing: measured needs
    are far below. The operating system only backs what is touched.
    """
    need = 0
    for tensor in graph.tensors:
        need += 256 + 16 * len(tensor.quantisation.scales)
        if tensor.data is None:
            need += 2 * tensor.bytes
    need += 4096 * len(graph.operators)
    return min(max(2 * need, _ARENA_LEAST), _ARENA_MOST)


def _key(model: LoadedModel, identity: str) -> str:
    digest = hashlib.sha256(f"{_FORMAT}\n{identity}\n{model.sha256}\n".encode())
    for sample in model.samples:
        for data in sample:
            digest.update(len(data).to_bytes(8, "little"))
            digest.update(data)
    return digest.hexdigest()


def _intact(folder: Path, size: int) -> bool:
    """Whether the entry's outputs have the right size and are those that were hashed."""
    try:
        data = (folder / "outputs.bin").read_bytes()
        facts = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
        return len(data) == size and facts["outputs_sha256"] == hashlib.sha256(data).hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _split(data: bytes, sizes: list[int], samples: int) -> tuple[tuple[bytes, ...], ...]:
    found = []
    position = 0
    for _ in range(samples):
        row = []
        for size in sizes:
            row.append(data[position : position + size])
            position += size
        found.append(tuple(row))
    return tuple(found)
