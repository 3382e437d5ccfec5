"""muRISCV-NN, kernels of TU Munich for RISC-V: sources, CMake fragment, registration.

Its adapter is that of `cmsisnn`, compiled against its compatibility headers.
"""

from __future__ import annotations

from .library import MURISCVNN

__all__ = ["MURISCVNN"]
