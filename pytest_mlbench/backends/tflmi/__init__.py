"""The backend `tflmi`: TensorFlow Lite Micro's interpreter, built from its own repository."""

from __future__ import annotations
