"""Building the framework once: does this version of it compile with this compiler?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.measure.trial import OPTIMIZE, build_parts

if TYPE_CHECKING:
    from pytest_mlbench.backends.interface import Backend
    from pytest_mlbench.measure.workbench import Workbench


def trial_build(backend: Backend, bench: Workbench) -> str:
    """Compile the interpreter, all kernels and the glue for one model, and link them.

    Returns a sentence. Raises CannotRun when a source or a compiler is not to be had, BuildFailed
    with the compiler's first error.
    """
    from pytest_mlbench.models.tflite.reader import read
    from pytest_mlbench.models.twins import build

    isa = SpikeTarget().isa
    data = build("aww")
    request = GenerateRequest(
        graph=read(data, where="aww_twin"),
        model_data=data,
        libraries=(),
        features=(),
        isa=isa,
        optimize=OPTIMIZE,
        config={},
        sources=bench.source,
        compiler=f"gcc {bench.toolchain(isa).version}",
    )
    made = backend.generate(request)
    build_parts(made.parts, bench, name=backend.name, defines=("MLBENCH_PROBE",))
    files = sum(len(part.sources) for part in made.parts)
    return (
        f"pass: {files} files of {made.libraries['tflm']} at -O{OPTIMIZE} for {isa} "
        f"with {request.compiler}"
    )
