"""The golden outputs: what a reference interpreter on the host computes for every sample.

The reference is TensorFlow Lite Micro's own interpreter. Its wheel exists for x86-64 Linux only;
elsewhere the same arithmetic in numpy replaces it, and the record says which was used. LiteRT is no
substitute: its FULLY_CONNECTED rounds once where Micro's rounds twice.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench._version import __version__
from pytest_mlbench.errors import ReferenceFailed, Unavailable, UsageError
from pytest_mlbench.models.operators.redundant import file_of
from pytest_mlbench.models.operators.state import keeps_state

from .entries import intact, key, split
from .interpreter import CANNOT_IMPORT, STARTED
from .sample_runs import SampleRuns, how, last_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_mlbench import process
    from pytest_mlbench.models.load import LoadedModel
    from pytest_mlbench.models.tflite.graph import Graph
    from pytest_mlbench.provision.cache import Cache

TIMEOUT = 900.0
"""Seconds for all samples of one model on the host."""

REMEDY = "Install the reference interpreter: python -m pip install tflite-micro"
_ARENA_LEAST = 1 << 20
_ARENA_MOST = 1 << 30
_RUNNER = Path(__file__).with_name("interpreter.py")


@dataclass(frozen=True)
class Reference:
    """A reference interpreter: its PyPI distribution and the module to import."""

    distribution: str
    module: str

    def name(self) -> str:
        """Name and version for messages; empty if it is not installed."""
        try:
            if importlib.util.find_spec(self.module) is None:
                return ""
            version = importlib.metadata.version(self.distribution)
        except (ImportError, ValueError):
            return ""
        return f"{self.distribution} {version}"

    def identity(self) -> str:
        """Name, version and sha256 of its machine code; empty if it is not installed.

        For the record and the cache: two builds of one version may compute different results.
        """
        name = self.name()
        return f"{name}, sha256 {self._digest()[:16]}" if name else ""

    def _digest(self) -> str:
        files = importlib.metadata.files(self.distribution) or ()
        code = []
        for file in sorted(row for row in files if row.suffix == ".so"):
            place = Path(str(file.locate()))
            state = place.stat() if place.is_file() else None
            times = (state.st_size, state.st_mtime_ns, state.st_ctime_ns) if state else ()
            code.append((str(file), place, times))
        return _digest_of(tuple(code))


@functools.lru_cache(maxsize=8)
def _digest_of(code: tuple[tuple[str, Path, tuple[int, ...]], ...]) -> str:
    """The sha256 of these files: name, place, size and times. Every case asks for it."""
    digest = hashlib.sha256()
    for name, place, times in code:
        digest.update(f"{name}\n".encode() + (place.read_bytes() if times else b""))
    return digest.hexdigest()


REFERENCES = (Reference("tflite-micro", "tflite_micro"),)
"""In order of preference. `EXECUTOR` is used if none is installed."""

EXECUTOR = f"pytest-mlbench {__version__} in numpy (no tflite-micro here)"


def identity() -> str:
    """The identity of the interpreter that computes golden outputs on this machine."""
    return next(filter(None, (reference.identity() for reference in REFERENCES)), EXECUTOR)


@dataclass(frozen=True)
class Golden:
    """`outputs[sample][output]` are raw bytes; `reference` names the interpreter.

    `aborted` maps samples that the reference cannot run to the reason; their rows are empty.
    """

    outputs: tuple[tuple[bytes, ...], ...]
    reference: str
    aborted: Mapping[int, str] = field(default_factory=dict)


def golden(
    model: LoadedModel,
    cache: Cache,
    *,
    timeout: float = TIMEOUT,
    references: tuple[Reference, ...] = REFERENCES,
    reset: bool = False,
    brought: tuple[str, Mapping[int, Callable[..., Any]]] = ("", MappingProxyType({})),
) -> Golden:
    """The reference's outputs for all samples of `model`, from the cache or computed now.

    `reset`: the model's state is reset between samples. `brought`: the libraries that bring
    references for operators of their own, and operator index -> reference; such outputs are
    computed in numpy and never cached.

    Raises ReferenceFailed if the reference crashes on this model, refuses it or does not finish: a
    result that cannot be validated is not reported. Raises Unavailable if numpy replaces the
    reference but does not support an operator.
    """
    sizes = [model.graph.tensors[index].bytes for index in model.graph.outputs]
    size = sum(sizes) * len(model.samples)
    if brought[1]:
        data, aborted = _Executed(model, reset, brought[1])(Path())
        name = f"pytest-mlbench {__version__} in numpy with {brought[0]}"
        return Golden(split(data, sizes, len(model.samples), aborted), name)
    for reference in references:
        found = reference.identity()
        if found:
            try:
                maker = _Maker(model, reference, timeout, reset)
                data, aborted = _cached(model, cache, found, size, maker)
            except _CannotImportError:
                continue
            return Golden(split(data, sizes, len(model.samples), aborted), found, aborted)
    data, aborted = _cached(model, cache, EXECUTOR, size, _Executed(model, reset))
    return Golden(split(data, sizes, len(model.samples), aborted), EXECUTOR, aborted)


def _cached(
    model: LoadedModel,
    cache: Cache,
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

    name = key(model, identity, reset=compute.reset)
    folder = cache.entry("golden", name, make, verify=lambda folder: intact(folder, size))
    facts = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    aborted = {int(sample): str(why) for sample, why in facts["aborted"].items()}
    return (folder / "outputs.bin").read_bytes(), aborted


class _CannotImportError(Unavailable):
    """The wheel is installed but does not load on this machine."""


@dataclass(frozen=True)
class _Executed:
    """Computes the outputs with `models.operators.numpy_reference`."""

    model: LoadedModel
    reset: bool = False
    brought: Mapping[int, Callable[..., Any]] = field(default_factory=dict)

    def __call__(self, folder: Path) -> tuple[bytes, Mapping[int, str]]:
        del folder
        from pytest_mlbench.models.operators.numpy_reference import execute

        try:
            outputs = execute(
                self.model.graph,
                self.model.samples,
                where=self.model.name,
                reset=self.reset,
                brought=self.brought,
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
    """Computes the outputs with an interpreter in a separate process; zeros if a sample fails."""

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
        (folder / "model.tflite").write_bytes(file_of(graph, self.model.data))
        (folder / "inputs.bin").write_bytes(b"".join(map(b"".join, self.model.samples)))
        command = [sys.executable, str(_RUNNER), self.reference.distribution]
        command += [str(folder), str(arena_size(graph))]
        row = sum(graph.tensors[index].bytes for index in graph.outputs)
        bound = keeps_state(graph) and not self.reset
        runs = SampleRuns(folder, plan, command, row, self.timeout, bound=bound)
        self._judge(runs.last, every=len(runs.aborted) == len(self.model.samples))
        for name in ("plan.json", "model.tflite", "inputs.bin", STARTED):
            (folder / name).unlink(missing_ok=True)
        outputs = folder / "outputs.bin"
        expected = len(self.model.samples) * row
        found = outputs.stat().st_size if outputs.is_file() else 0
        if found != expected:
            raise ReferenceFailed(
                f"{self.reference.name()} ended without an error but wrote {found} bytes of "
                f"outputs for {self.model.name}, expected {expected}",
                remedy="Check that the model runs in TensorFlow Lite Micro",
            )
        return outputs.read_bytes(), runs.aborted

    def _judge(self, finished: process.Finished | None, *, every: bool) -> None:
        """`every`: it ended on every sample, after it had set the model up."""
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
                f"{self.reference.name()} printed too much and was stopped, so "
                f"{self.model.name} cannot be validated",
                remedy="Check that the model runs in TensorFlow Lite Micro",
            )
        last = last_words(finished)
        if finished.returncode == CANNOT_IMPORT:
            raise _CannotImportError(last)
        if finished.returncode:
            ran = f"run any of {len(self.model.samples)} samples of" if every else "run"
            raise ReferenceFailed(
                f"{self.reference.name()} cannot {ran} {self.model.name}, so it cannot be "
                f"validated ({how(finished)}): {last}",
                remedy="Register the model with samples that the interpreter can run (Model.inputs)"
                if every
                else "Check that the model runs in TensorFlow Lite Micro",
            )


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
