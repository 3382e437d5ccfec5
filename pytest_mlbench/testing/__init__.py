"""Tests kernels: builds and runs random layers, and compares them with TensorFlow Lite Micro.

The entry points::

    check_layers(cases)              # many independent layers in one model: one compilation
    check_models(models)             # whole models

Both take `libraries`, `features`, `optimize`, `config`, `isa` and `runner` ("host": the host's
compiler with sanitizers, "spike": the real chain). `strategies.LAYERS` has one hypothesis strategy
of `LayerCase` per operator. The decorator `given_layers` draws batches of layers; the profile gives
their number (`HYPOTHESIS_PROFILE=thorough`: 2,000 layers per operator).
"""

from __future__ import annotations

from .check import Mismatch, check_layers, check_models
from .model import LayerCase, ModelCase, combine
from .profiles import THOROUGH, given_layers
from .strategies import LAYERS

__all__ = [
    "LAYERS",
    "THOROUGH",
    "LayerCase",
    "Mismatch",
    "ModelCase",
    "check_layers",
    "check_models",
    "combine",
    "given_layers",
]
