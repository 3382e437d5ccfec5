"""The built-in models: MLPerf Tiny's four, int8, and their twins.

The originals are pinned in `provision/pins.toml`, where their upstream paths are their names.
"""

from __future__ import annotations

from functools import partial

from .model import Model, twin_name

SAMPLES = 10
"""The number of sample files that upstream has for each model."""

_ENTRIES = (
    ("aww", "Keyword spotting (DS-CNN), MLPerf Tiny", "float32"),
    ("resnet", "Image classification (ResNet-8), MLPerf Tiny", "uint8"),
    ("vww", "Visual wake words (MobileNetV1 0.25), MLPerf Tiny", "float32"),
    ("toycar", "Anomaly detection (autoencoder), MLPerf Tiny", "float32"),
)


def _twin(name: str) -> bytes:
    # Import numpy only if a twin is needed.
    from .twins import build

    return build(name)


def _original(name: str, title: str, encoding: str) -> Model:
    return Model(
        name=name,
        title=title,
        artifact=f"{name}/{name}.tflite",
        inputs=tuple(f"{name}/input/{number}.bin" for number in range(SAMPLES)),
        encoding=encoding,
        twin=partial(_twin, name),
    )


def _stand_in(name: str, title: str) -> Model:
    return Model(
        name=twin_name(name),
        title=f"{title}: same layers, seeded weights",
        build=partial(_twin, name),
        noisy=True,
    )


MODELS: tuple[Model, ...] = (
    *(_original(name, title, encoding) for name, title, encoding in _ENTRIES),
    *(_stand_in(name, title) for name, title, _ in _ENTRIES),
)
