"""The golden outputs: what a reference interpreter on the host computes for every sample.

TensorFlow Lite Micro's own interpreter is the reference. Where its wheel cannot be had (it is
built for x86-64 Linux only), the same arithmetic in numpy takes its place, and the record names
it. LiteRT is no substitute: its FULLY_CONNECTED rounds once where Micro's rounds twice.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pytest_mlbench._version import __version__
from pytest_mlbench.errors import ReferenceFailed, Unavailable, UsageError
from pytest_mlbench.models.operators.redundant import filled
from pytest_mlbench.models.operators.state import keeps_state
from pytest_mlbench.models.tflite.writer import write

from .interpreter import CANNOT_IMPORT, STARTED
from .sample_runs import SampleRuns, how, last_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_mlbench import process
    from pytest_mlbench.models.load import LoadedModel
    from pytest_mlbench.models.tflite.graph import Graph

TIMEOUT = 900.0
"""Seconds for all samples of one model on the host."""

REMEDY = "Install the reference interpreter: python -m pip install tflite-micro"
_FORMAT = "2"
_ARENA_LEAST = 1 << 20
_ARENA_MOST = 1 << 30
_RUNNER = Path(__file__).with_name("interpreter.py")


@dataclass(frozen=True)
class Reference:
    """A reference interpreter: its distribution on PyPI and the module to import."""

    distribution: str
    module: str

    def name(self) -> str:
        """Name and version for people; empty when it is not installed."""
        try:
            if importlib.util.find_spec(self.module) is None:
                return ""
            version = importlib.metadata.version(self.distribution)
        except (ImportError, ValueError):
            return ""
        return f"{self.distribution} {version}"

    def identity(self) -> str:
        """Name, version and the sha256 of its machine code, for the record and the cache; empty
        when it is not installed. Another build of one version may compute something else."""
        name = self.name()
        return f"{name}, sha256 {self._digest()[:16]}" if name else ""

    def _digest(self) -> str:
        files = importlib.metadata.files(self.distribution) or ()
        digest = hashlib.sha256()
        for file in sorted(row for row in files if row.suffix == ".so"):
            place = Path(str(file.locate()))
            digest.update(f"{file}\n".encode() + (place.read_bytes() if place.is_file() else b""))
        return digest.hexdigest()


REFERENCES = (Reference("tflite-micro", "tflite_micro"),)
"""In order of preference; `EXECUTOR` is what is left without any."""

EXECUTOR = f"pytest-mlbench {__version__} in numpy (no tflite-micro here)"


def identity() -> str:
    """Who computes golden outputs on this machine."""
    return next(filter(None, (reference.identity() for reference in REFERENCES)), EXECUTOR)


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
    """`outputs[sample][output]` are raw bytes; `reference` names who computed them. `aborted`: the
    samples that the reference cannot run, and why; their row is empty."""

    outputs: tuple[tuple[bytes, ...], ...]
    reference: str
    aborted: Mapping[int, str] = field(default_factory=dict)


def golden(
    model: LoadedModel,
    cache: Entries,
    *,
    timeout: float = TIMEOUT,
    references: tuple[Reference, ...] = REFERENCES,
    reset: bool = False,
) -> Golden:
    """The reference's outputs of all samples of `model`, from the cache or computed now. `reset`:
    a state is reset between samples.

    Raises ReferenceFailed when the reference dies of this model, refuses it or does not end:
    without golden outputs there is no validation, and without that no result. Raises Unavailable
    when numpy takes the reference's place and does not know an operator.
    """
    sizes = [model.graph.tensors[index].bytes for index in model.graph.outputs]
    size = sum(sizes) * len(model.samples)
    for reference in references:
        found = reference.identity()
        if found:
            try:
                maker = _Maker(model, reference, timeout, reset)
                data, aborted = _cached(model, cache, found, size, maker)
            except _CannotImportError:
                continue
            return Golden(_split(data, sizes, len(model.samples), aborted), found, aborted)
    data, aborted = _cached(model, cache, EXECUTOR, size, _Executed(model, reset))
    return Golden(_split(data, sizes, len(model.samples), aborted), EXECUTOR, aborted)


def _cached(
    model: LoadedModel,
    cache: Entries,
    identity: str,
    size: int,
    compute: _Maker | _Executed,
) -> tuple[bytes, dict[int, str]]:
    def make(folder: Path) -> None:
        data, aborted = compute(folder)
        (folder / "outputs.bin").write_bytes(data)
        facts = {
            "model": model.name,
            "model_sha256": model.sha256,
            "reference": identity,
            "outputs_sha256": hashlib.sha256(data).hexdigest(),
            "aborted": {str(sample): why for sample, why in aborted.items()},
        }
        (folder / "golden.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")

    key = _key(model, identity, reset=compute.reset)
    folder = cache.entry("golden", key, make, verify=lambda folder: _intact(folder, size))
    facts = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    aborted = {int(sample): str(why) for sample, why in facts["aborted"].items()}
    return (folder / "outputs.bin").read_bytes(), aborted


class _CannotImportError(Unavailable):
    """The wheel is there but does not load on this machine."""


@dataclass(frozen=True)
class _Executed:
    """The outputs by `executor`."""

    model: LoadedModel
    reset: bool = False

    def __call__(self, folder: Path) -> tuple[bytes, Mapping[int, str]]:
        del folder
        from pytest_mlbench.models.operators.numpy_reference import execute

        try:
            outputs = execute(
                self.model.graph, self.model.samples, where=self.model.name, reset=self.reset
            )
        except UsageError as error:
            raise Unavailable(
                f"cannot be validated without tflite-micro: {error.what}",
                where=self.model.name,
                remedy=REMEDY,
            ) from error
        return b"".join(map(b"".join, outputs)), {}


@dataclass(frozen=True)
class _Maker:
    """The outputs by an interpreter in a process of its own; zeros where it ended on a sample."""

    model: LoadedModel
    reference: Reference
    timeout: float
    reset: bool = False

    def __call__(self, folder: Path) -> tuple[bytes, Mapping[int, str]]:
        graph = self.model.graph
        inputs = [graph.tensors[index] for index in graph.inputs]
        plan = {
            "inputs": [[tensor.dtype, list(tensor.shape)] for tensor in inputs],
            "outputs": len(graph.outputs),
            "samples": len(self.model.samples),
            "reset": self.reset,
        }
        (folder / "model.tflite").write_bytes(_given(self.model))
        (folder / "inputs.bin").write_bytes(b"".join(map(b"".join, self.model.samples)))
        command = [sys.executable, str(_RUNNER), self.reference.distribution]
        command += [str(folder), str(arena_size(graph))]
        row = sum(graph.tensors[index].bytes for index in graph.outputs)
        bound = keeps_state(graph) and not self.reset
        runs = SampleRuns(folder, plan, command, row, self.timeout, bound=bound)
        self._judge(runs.last)
        for name in ("plan.json", "model.tflite", "inputs.bin", STARTED):
            (folder / name).unlink(missing_ok=True)
        outputs = folder / "outputs.bin"
        expected = len(self.model.samples) * row
        found = outputs.stat().st_size if outputs.is_file() else 0
        if found != expected:
            raise ReferenceFailed(
                f"{self.reference.name()} ended without a word and gave {found} bytes of "
                f"outputs for {self.model.name}, expected {expected}",
                remedy="Check that the model runs in TensorFlow Lite Micro",
            )
        return outputs.read_bytes(), runs.aborted

    def _judge(self, finished: process.Finished | None) -> None:
        if finished is None:
            return
        if finished.timed_out:
            raise ReferenceFailed(
                f"{self.reference.name()} did not finish {len(self.model.samples)} samples of "
                f"{self.model.name} within {self.timeout:g} s",
                remedy="Allow more time with --mlbench-timeout",
            )
        if finished.flooded:
            raise ReferenceFailed(
                f"{self.reference.name()} writes without end and was ended, so "
                f"{self.model.name} cannot be validated",
                remedy="Check that the model runs in TensorFlow Lite Micro",
            )
        last = last_words(finished)
        if finished.returncode == CANNOT_IMPORT:
            raise _CannotImportError(last)
        if finished.returncode:
            raise ReferenceFailed(
                f"{self.reference.name()} cannot run {self.model.name}, so it cannot be "
                f"validated ({how(finished)}): {last}",
                remedy="Check that the model runs in TensorFlow Lite Micro",
            )


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


def _given(model: LoadedModel) -> bytes:
    """The file that the reference gets: the model's own, but for fields that are 0, that the
    reference needs, and that the shapes state as well."""
    graph = filled(model.graph)
    return model.data if graph is model.graph else write(graph)


def _key(model: LoadedModel, identity: str, *, reset: bool) -> str:
    digest = hashlib.sha256(f"{_FORMAT}\n{identity}\n{model.sha256}\n".encode())
    if reset:
        digest.update(b"reset")
    if filled(model.graph) is not model.graph:
        digest.update(b"filled")
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


def _split(
    data: bytes, sizes: list[int], samples: int, aborted: Mapping[int, str]
) -> tuple[tuple[bytes, ...], ...]:
    found: list[tuple[bytes, ...]] = []
    position = 0
    for sample in range(samples):
        row = []
        for size in sizes:
            row.append(data[position : position + size])
            position += size
        found.append(() if sample in aborted else tuple(row))
    return tuple(found)
