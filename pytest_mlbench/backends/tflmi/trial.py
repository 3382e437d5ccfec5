"""Building the framework once: does this version of it compile with this compiler?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.trial import OPTIMIZE, build_parts
from pytest_mlbench.registry import GenerateRequest
from pytest_mlbench.targets.spike.target import SpikeTarget

if TYPE_CHECKING:
    from pytest_mlbench.registry import Backend
    from pytest_mlbench.workbench import Workbench


def trial_build(backend: Backend, bench: Workbench) -> str:
    """Compile the interpreter, all kernels and the glue for one model, and link them.

    Returns a sentence. Raises CannotRun when a source or a compiler is not to be had, BuildFailed
    with the compiler's first error.
    """
    from pytest_mlbench.models.twins import build
    from pytest_mlbench.tflite.reader import read

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
