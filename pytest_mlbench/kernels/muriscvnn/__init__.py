"""muRISCV-NN, TU Munich's kernel library for RISC-V: sources, CMake fragment, registration.

It uses the adapter of `cmsisnn`, compiled with muRISCV-NN's compatibility headers.
"""

from __future__ import annotations

from .library import MURISCVNN

__all__ = ["MURISCVNN"]
