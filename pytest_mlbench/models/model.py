"""A model that users can choose by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


TWIN = "_twin"
"""The suffix of a stand-in's name in ids, tables and JSON."""


@dataclass(frozen=True)
class Model:
    """A model that users can choose by name.

    Exactly one of `artifact` (a name in pins.toml), `path` and `build` says where its bytes are.
    `inputs` are artifact names of sample files, or, for a model with `path`,
    files relative to its folder; empty means seeded samples. A file may hold several samples, one
    behind the other. `encoding` says what
    a sample file holds: 'float32' (quantised with the input's own scale and zero point), 'uint8'
    (128 is subtracted), or 'raw' (the tensor's bytes). `twin` builds the stand-in that is used
    when the artifact cannot be had. `noisy`: seeded samples are those of the twins
    (`samples.noise`), not those that are like real inputs (`samples.seeded`).
    """

    name: str
    title: str = ""
    artifact: str = ""
    path: Path | None = None
    build: Callable[[], bytes] | None = None
    inputs: tuple[str, ...] = ()
    encoding: str = "raw"
    twin: Callable[[], bytes] | None = None
    noisy: bool = False


def twin_name(name: str) -> str:
    """The name of the stand-in of model `name`."""
    return name + TWIN
