"""The model format: reads a `.tflite` safely into a graph, and writes one."""

from __future__ import annotations
