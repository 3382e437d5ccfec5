"""A model that calls a function of another component, for tests of components and their builds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from bare_metal import firmware, model

from pytest_mlbench.errors import BuildFailed
from pytest_mlbench.firmware.components import Component

if TYPE_CHECKING:
    from pathlib import Path

CALLS = model(
    "out0[0] = helper(in0[0]); return 0;", before='#include "helper.h"', inputs=(4,), outputs=(4,)
)
HELPER_H = "#include <stdint.h>\nuint8_t helper(uint8_t value);\n"
HELPER_C = '#include "helper.h"\nuint8_t helper(uint8_t value) { return value + ADDEND; }\n'
HELPER_CMAKE = """\
cmake_minimum_required(VERSION 3.20)
project(helper C)
add_library(helper-lib STATIC src/helper.c)
target_include_directories(helper-lib PUBLIC include)
add_custom_target(never ALL COMMAND false)
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    """Writes `files` (name -> text) into `folder`, and returns it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def helper(folder: Path, **changes: Any) -> Component:
    """A component that adds 5 to a byte; `changes` are of its fields."""
    write(folder, {"src/helper.c": HELPER_C, "include/helper.h": HELPER_H})
    component = Component(
        "helper",
        sources=(folder / "src/helper.c",),
        headers=(folder / "include",),
        public=True,
        defines=("ADDEND=5",),
    )
    return replace(component, **changes)


def components_of(*others: Component) -> tuple[Component, ...]:
    """The model that calls `helper`, and other components."""
    return (Component("model", texts={"model.c": CALLS}), *others)


def failure(components: str | tuple[Component, ...], home: Path, **options: Any) -> BuildFailed:
    """The error of a build that fails."""
    with pytest.raises(BuildFailed) as caught:
        firmware(components, home, **options)
    return caught.value
