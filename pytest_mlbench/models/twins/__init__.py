"""The twins: stand-ins with the originals' layers but other weights, generated on demand."""

from __future__ import annotations

from functools import cache


@cache
def build(name: str) -> bytes:
    """The `.tflite` file of the twin of model `name`: the same bytes on every machine."""
    from .architectures import ARCHITECTURES
    from .assemble import assemble

    return assemble(ARCHITECTURES[name])
