"""Where the doubles are, for tests of libraries and framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from libraries import doubles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Callable[[str], Path]]:
    """Sources by name: `trees(cmsisnn=..., muriscvnn=...)`, the doubles where nothing is named."""
    folder = tmp_path_factory.mktemp("doubles")
    muriscvnn = doubles.muriscv_nn(folder / "muriscv_nn")

    def choose(**named: Path) -> Callable[[str], Path]:
        known = {
            "cmsisnn": doubles.CMSIS_NN,
            "muriscvnn": muriscvnn,
            "tflite-micro": doubles.TFLM / "tflite-micro",
            "flatbuffers": doubles.TFLM / "flatbuffers",
            "gemmlowp": doubles.TFLM / "gemmlowp",
            "ruy": doubles.TFLM / "ruy",
            **{name.replace("_", "-"): path for name, path in named.items()},
        }
        return lambda name: known[name]

    return choose
