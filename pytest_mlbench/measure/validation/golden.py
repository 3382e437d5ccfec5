"""The golden outputs: what a reference interpreter on the host computes for every sample.

The reference is TensorFlow Lite Micro's own interpreter. Its wheel exists for x86-64 Linux only;
elsewhere the same arithmetic in numpy replaces it, and the record says which was used. LiteRT is no
substitute: its FULLY_CONNECTED rounds once where Micro's rounds twice.
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
from pytest_mlbench._version import __version__
from pytest_mlbench.errors import ReferenceFailed, Unavailable, UsageError
from pytest_mlbench.models.operators.redundant import filled
from pytest_mlbench.models.tflite.writer import write

from .interpreter import CANNOT_IMPORT

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.models.load import LoadedModel
    from pytest_mlbench.models.tflite.graph import Graph

TIMEOUT = 900.0
"""Seconds for all samples of one model on the host."""

REMEDY = "Install the reference interpreter: python -m pip install tflite-micro"
_FORMAT = "1"
_ARENA_LEAST = 1 << 20
_ARENA_MOST = 1 << 30
_RUNNER = Path(__file__).with_name("interpreter.py")


@dataclass(frozen=True)
class Reference:
    """A reference interpreter: its PyPI distribution and the module to import."""

    distribution: str
    module: str

    def identity(self) -> str:
        """Name and version for the record; empty if it is not installed."""
        try:
            if importlib.util.find_spec(self.module) is None:
                return ""
            version = importlib.metadata.version(self.distribution)
        except (ImportError, ValueError):
            return ""
        return f"{self.distribution} {version}"


REFERENCES = (Reference("tflite-micro", "tflite_micro"),)
"""In order of preference. `EXECUTOR` is used if none is installed."""

EXECUTOR = f"pytest-mlbench {__version__} in numpy (no tflite-micro here)"


def identity() -> str:
    """Who computes golden outputs on this machine."""
    return next(filter(None, (reference.identity() for reference in REFERENCES)), EXECUTOR)


class Entries(Protocol):
    """Stores golden outputs; implemented by `provision.cache.Cache`."""

    def entry(
        self,
        kind: str,
        key: str,
        make: Callable[[Path], None],
        *,
        verify: Callable[[Path], bool] | None = None,
    ) -> Path:
        """The verified folder of an entry, created if it is missing."""
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
    """The reference's outputs for all samples of `model`, from the cache or computed now.

    Raises ReferenceFailed if the reference crashes on this model, refuses it or does not finish: a
    result that cannot be validated is not reported. Raises Unavailable if numpy replaces the
    reference but does not support an operator.
    """
    sizes = [model.graph.tensors[index].bytes for index in model.graph.outputs]
    size = sum(sizes) * len(model.samples)
    for reference in references:
        found = reference.identity()
        if found:
            try:
                data = _cached(model, cache, found, size, _Maker(model, reference, timeout))
            except _CannotImportError:
                continue
            return Golden(_split(data, sizes, len(model.samples)), found)
    data = _cached(model, cache, EXECUTOR, size, _Executed(model))
    return Golden(_split(data, sizes, len(model.samples)), EXECUTOR)


def _cached(
    model: LoadedModel,
    cache: Entries,
    identity: str,
    size: int,
    compute: Callable[[Path], bytes],
) -> bytes:
    def make(folder: Path) -> None:
        data = compute(folder)
        (folder / "outputs.bin").write_bytes(data)
        facts = {
            "model": model.name,
            "model_sha256": model.sha256,
            "reference": identity,
            "outputs_sha256": hashlib.sha256(data).hexdigest(),
        }
        (folder / "golden.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")

    key = _key(model, identity)
    folder = cache.entry("golden", key, make, verify=lambda folder: _intact(folder, size))
    return (folder / "outputs.bin").read_bytes()


class _CannotImportError(Unavailable):
    """The wheel is installed but does not load on this machine."""


@dataclass(frozen=True)
class _Executed:
    """Computes the outputs with `models.operators.numpy_reference`."""

    model: LoadedModel

    def __call__(self, folder: Path) -> bytes:
        del folder
        from pytest_mlbench.models.operators.numpy_reference import execute

        try:
            outputs = execute(self.model.graph, self.model.samples, where=self.model.name)
        except UsageError as error:
            raise Unavailable(
                f"cannot be validated without tflite-micro: {error.what}",
                where=self.model.name,
                remedy=REMEDY,
            ) from error
        return b"".join(map(b"".join, outputs))


@dataclass(frozen=True)
class _Maker:
    """Computes the outputs with an interpreter in a separate process."""

    model: LoadedModel
    reference: Reference
    timeout: float

    def __call__(self, folder: Path) -> bytes:
        graph = self.model.graph
        inputs = [graph.tensors[index] for index in graph.inputs]
        plan = {
            "inputs": [[tensor.dtype, list(tensor.shape)] for tensor in inputs],
            "outputs": len(graph.outputs),
            "samples": len(self.model.samples),
        }
        (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        (folder / "model.tflite").write_bytes(_given(self.model))
        (folder / "inputs.bin").write_bytes(b"".join(map(b"".join, self.model.samples)))
        command = [sys.executable, str(_RUNNER), self.reference.distribution]
        self._judge(
            process.run([*command, str(folder), str(arena_size(graph))], timeout=self.timeout)
        )
        for name in ("plan.json", "model.tflite", "inputs.bin"):
            (folder / name).unlink(missing_ok=True)
        outputs = folder / "outputs.bin"
        expected = len(self.model.samples) * sum(
            graph.tensors[index].bytes for index in graph.outputs
        )
        found = outputs.stat().st_size if outputs.is_file() else 0
        if found != expected:
            raise ReferenceFailed(
                f"{self.reference.identity()} ended without an error but wrote {found} bytes of "
                f"outputs for {self.model.name}, expected {expected}",
                remedy="Check that the model runs in TensorFlow Lite Micro",
            )
        return outputs.read_bytes()

    def _judge(self, finished: process.Finished) -> None:
        if finished.timed_out:
            raise ReferenceFailed(
                f"{self.reference.identity()} did not finish {len(self.model.samples)} samples of "
                f"{self.model.name} within {self.timeout:g} s",
                remedy="Allow more time with --mlbench-timeout",
            )
        if finished.flooded:
            raise ReferenceFailed(
                f"{self.reference.identity()} printed too much and was stopped, so "
                f"{self.model.name} cannot be validated",
                remedy="Check that the model runs in TensorFlow Lite Micro",
            )
        last = _last_words(finished)
        if finished.returncode == CANNOT_IMPORT:
            raise _CannotImportError(last)
        if finished.returncode:
            how = f"status {finished.returncode}"
            if finished.returncode < 0:
                how = f"signal {-finished.returncode}"
            raise ReferenceFailed(
                f"{self.reference.identity()} cannot run {self.model.name}, so it cannot be "
                f"validated ({how}): {last}",
                remedy="Check that the model runs in TensorFlow Lite Micro",
            )


def _last_words(finished: process.Finished) -> str:
    """The last lines that the interpreter printed before it failed, without traceback frames."""
    lines = [line.strip() for line in finished.error_text.splitlines()]
    text = [line for line in lines if line and not line.startswith(("File ", "Traceback", "^"))]
    return " | ".join(text[-3:])[-400:] or "it printed nothing"


def arena_size(graph: Graph) -> int:
    """An arena size in bytes that is large enough for TensorFlow Lite Micro, up to a limit.

    It counts all activations without sharing, per-channel parameters and a margin per operator;
    measured needs are far lower. The operating system provides only the pages that are touched.
    """
    need = 0
    for tensor in graph.tensors:
        need += 256 + 16 * len(tensor.quantisation.scales)
        if tensor.data is None:
            need += 2 * tensor.bytes
    need += 4096 * len(graph.operators)
    return min(max(2 * need, _ARENA_LEAST), _ARENA_MOST)


def _given(model: LoadedModel) -> bytes:
    """The model file for the reference.

    It is the model's own file, except that fields which are 0 but which the reference needs are
    filled in from the tensors' shapes.
    """
    graph = filled(model.graph)
    return model.data if graph is model.graph else write(graph)


def _key(model: LoadedModel, identity: str) -> str:
    digest = hashlib.sha256(f"{_FORMAT}\n{identity}\n{model.sha256}\n".encode())
    if filled(model.graph) is not model.graph:
        digest.update(b"filled")
    for sample in model.samples:
        for data in sample:
            digest.update(len(data).to_bytes(8, "little"))
            digest.update(data)
    return digest.hexdigest()


def _intact(folder: Path, size: int) -> bool:
    """Do the entry's outputs have the right size and the recorded hash?"""
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
