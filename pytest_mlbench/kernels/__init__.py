"""Kernel libraries. Each has its own folder and implements the interface in `interface`.

A library gets a layer: one operator with its quantisation resolved and all its constants (see
`models.operators.layers`). It answers with the C call that executes it, its constants and its
scratch. `reference` is the library that all others are compared with and fall back to.
"""

from __future__ import annotations
