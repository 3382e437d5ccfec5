"""Loads a registered model: its bytes, graph and samples."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pytest_mlbench.errors import MlbenchError, Unavailable, UsageError

from .model import Model, twin_name
from .names import path_names
from .samples import noise, seeded, sequence
from .tflite.reader import MAX_FILE, read

if TYPE_CHECKING:
    from pathlib import Path

    from .tflite.graph import Graph


class Artifacts(Protocol):
    """Provides pinned files; implemented by `provision.fetch.Fetcher`."""

    def artifact(self, name: str) -> Path:
        """The verified file `name` of pins.toml. Raises Unavailable and FetchRefused."""
        ...


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to run.

    `name` is the model actually loaded: `aww_twin` if the original `aww` could not be fetched; then
    `note` says why. `samples[sample][input]` are the raw bytes of the input tensor.
    """

    name: str
    data: bytes
    sha256: str
    graph: Graph
    samples: tuple[tuple[bytes, ...], ...]
    note: str = ""


def from_path(path: Path) -> Model:
    """A model for a user's file."""
    return Model(name=path_names([path])[path], title=path.name, path=path)


def load(model: Model, fetcher: Artifacts, *, strict: bool) -> LoadedModel:
    """The model's bytes, graph and samples.

    If the artifact or one of its input files cannot be fetched, the twin is loaded instead. With
    `strict`, or without a twin, Unavailable is raised. FetchRefused is always raised: wrong content
    is never replaced silently. Raises UsageError for a bad file.
    """
    sources = [bool(model.artifact), model.path is not None, model.build is not None]
    if sum(sources) != 1:
        raise UsageError(
            f"model {model.name!r} has {sum(sources)} of artifact, path and build, expected one"
        )
    try:
        data, where = _bytes(model, fetcher)
        files = [(name, _sample_file(model, name, fetcher)) for name in model.inputs]
    except Unavailable as error:
        if strict or model.twin is None or not model.artifact:
            raise
        return _loaded(twin_name(model.name), model.twin(), note=_note(model, error), noisy=True)
    graph = read(data, where=where)
    samples = tuple(
        sample
        for name, path in files
        for sample in sequence(_read(path), graph, model.encoding, where=name)
    )
    return _loaded(model.name, data, where=where, graph=graph, samples=samples, noisy=model.noisy)


def _loaded(
    name: str,
    data: bytes,
    *,
    where: str = "",
    graph: Graph | None = None,
    samples: tuple[tuple[bytes, ...], ...] = (),
    note: str = "",
    noisy: bool = False,
) -> LoadedModel:
    graph = graph or read(data, where=where or name)
    digest = hashlib.sha256(data).hexdigest()
    samples = samples or (noise if noisy else seeded)(graph, digest)
    return LoadedModel(name, data, digest, graph, samples, note)


def _note(model: Model, error: MlbenchError) -> str:
    remedy = f". {error.remedy}" if error.remedy else ""
    return (
        f"{model.name} is not available here; {twin_name(model.name)}, with the same layers and "
        f"other weights, is used: {error.what}{remedy}"
    )


def model_bytes(model: Model, fetcher: Artifacts) -> bytes:
    """The model's file. Raises Unavailable, FetchRefused and UsageError."""
    return _bytes(model, fetcher)[0]


def _bytes(model: Model, fetcher: Artifacts) -> tuple[bytes, str]:
    if model.build is not None:
        return model.build(), model.name
    path = model.path if model.path is not None else fetcher.artifact(model.artifact)
    return _read(path), model.artifact or str(path)


def _sample_file(model: Model, name: str, fetcher: Artifacts) -> Path:
    """A sample's file: next to the model if that is a file itself, else a pinned artifact."""
    return model.path.parent / name if model.path is not None else fetcher.artifact(name)


def _read(path: Path) -> bytes:
    """A file's bytes. Raises UsageError if it is not a file, cannot be read, or is too large."""
    try:
        if path.exists() and not path.is_file():
            raise UsageError("is a folder or a device, expected a file", where=str(path))
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror or error}",
            where=str(path),
            remedy="Give the path of an existing file",
        ) from error
    if len(data) > MAX_FILE:
        raise UsageError(f"larger than {MAX_FILE:,} bytes", where=str(path))
    return data
