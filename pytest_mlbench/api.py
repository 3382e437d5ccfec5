"""The public API: the names that users' libraries, backends, targets and scripts may import.

Only these names are stable between versions; any other module may move. Each name is imported when
it is first used. `Study` and `Results` can also be imported from `pytest_mlbench`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .backends.interface import Backend, Generated, GenerateRequest
    from .case import Case
    from .errors import (
        BuildFailed,
        MlbenchError,
        OutputMismatch,
        SimulationFailed,
        Unavailable,
        UsageError,
    )
    from .firmware.components import Component, Firmware
    from .firmware.target import Counters, Simulation, Target
    from .firmware.targets.cores.core import Core, Description
    from .firmware.targets.cores.target import CoreTarget
    from .firmware.targets.spike.target import SpikeTarget
    from .isa import Isa
    from .kernels.interface import (
        Array,
        Feature,
        KernelCall,
        KernelLibrary,
        LowerContext,
        Overlap,
        Persistent,
        Scratch,
        ScratchSize,
        Struct,
        TensorRef,
    )
    from .kernels.reference.library import ReferenceLibrary
    from .kernels.tflm import TflmKernels, TflmLibrary
    from .models.model import Model
    from .models.operators.uncovered import UncoveredLayer
    from .models.tflite.builder import GraphBuilder
    from .options import Axis, Option
    from .provision.pinned import GitPin
    from .records.extension import Finisher, Format, Judge, Part, Run, Section, Verdict
    from .records.record import Record
    from .script import Results, Study
    from .settings import Settings

_HOME = {
    "Backend": "backends.interface",
    "GenerateRequest": "backends.interface",
    "Generated": "backends.interface",
    "Case": "case",
    "BuildFailed": "errors",
    "Unavailable": "errors",
    "MlbenchError": "errors",
    "OutputMismatch": "errors",
    "SimulationFailed": "errors",
    "UsageError": "errors",
    "Firmware": "firmware.components",
    "Component": "firmware.components",
    "Counters": "firmware.target",
    "Simulation": "firmware.target",
    "Target": "firmware.target",
    "Core": "firmware.targets.cores.core",
    "Description": "firmware.targets.cores.core",
    "CoreTarget": "firmware.targets.cores.target",
    "SpikeTarget": "firmware.targets.spike.target",
    "Isa": "isa",
    "Array": "kernels.interface",
    "Feature": "kernels.interface",
    "KernelCall": "kernels.interface",
    "KernelLibrary": "kernels.interface",
    "LowerContext": "kernels.interface",
    "Overlap": "kernels.interface",
    "Persistent": "kernels.interface",
    "Scratch": "kernels.interface",
    "ScratchSize": "kernels.interface",
    "Struct": "kernels.interface",
    "TensorRef": "kernels.interface",
    "UncoveredLayer": "models.operators.uncovered",
    "ReferenceLibrary": "kernels.reference.library",
    "TflmKernels": "kernels.tflm",
    "TflmLibrary": "kernels.tflm",
    "Model": "models.model",
    "GraphBuilder": "models.tflite.builder",
    "Axis": "options",
    "Option": "options",
    "GitPin": "provision.pins",
    "Finisher": "records.extension",
    "Format": "records.extension",
    "Judge": "records.extension",
    "Part": "records.extension",
    "Run": "records.extension",
    "Section": "records.extension",
    "Verdict": "records.extension",
    "Record": "records.record",
    "Results": "script",
    "Study": "script",
    "Settings": "settings",
}
"""Name -> the module it is defined in."""

__all__ = [
    "Array",
    "Axis",
    "Backend",
    "BuildFailed",
    "Case",
    "Component",
    "Core",
    "CoreTarget",
    "Counters",
    "Description",
    "Feature",
    "Finisher",
    "Firmware",
    "Format",
    "GenerateRequest",
    "Generated",
    "GitPin",
    "GraphBuilder",
    "Isa",
    "Judge",
    "KernelCall",
    "KernelLibrary",
    "LowerContext",
    "MlbenchError",
    "Model",
    "Option",
    "OutputMismatch",
    "Overlap",
    "Part",
    "Persistent",
    "Record",
    "ReferenceLibrary",
    "Results",
    "Run",
    "Scratch",
    "ScratchSize",
    "Section",
    "Settings",
    "Simulation",
    "SimulationFailed",
    "SpikeTarget",
    "Struct",
    "Study",
    "Target",
    "TensorRef",
    "TflmKernels",
    "TflmLibrary",
    "Unavailable",
    "UncoveredLayer",
    "UsageError",
    "Verdict",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"pytest_mlbench.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
