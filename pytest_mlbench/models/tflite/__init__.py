"""The model format: reading a `.tflite` safely into a graph, writing one for the twins."""

from __future__ import annotations
