"""The twins: stand-ins with the originals' layers and weights of their own, made when asked for."""

from __future__ import annotations

from functools import cache


@cache
def build(name: str) -> bytes:
    """The `.tflite` file of the twin of model `name`: the same bytes on every machine."""
    from pytest_mlbench.models.twins.architectures import ARCHITECTURES
    from pytest_mlbench.models.twins.assemble import assemble

    return assemble(ARCHITECTURES[name])
