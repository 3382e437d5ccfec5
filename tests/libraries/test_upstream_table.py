"""Every name of upstream that the project's code uses stands in docs/upstream.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_mlbench.backends.tflmi import generation, operators, tree
from pytest_mlbench.kernels.cmsisnn import CMSISNN, calls, library
from pytest_mlbench.kernels.muriscvnn import MURISCVNN
from pytest_mlbench.kernels.muriscvnn.library import FRAGMENT, LISTS, SUPPORT
from pytest_mlbench.provision.pins import pins

PAGE = (Path(__file__).parents[2] / "docs" / "upstream.md").read_text()
HEADER, *TABLE = [
    line
    for line in PAGE[PAGE.index("| of | ") :].split("\n\n")[0].splitlines()
    if "---" not in line
]
NAMES = {name for line in TABLE for name in re.findall(r"`([^`]+)`", line.split(" | ")[1])}


def in_c(text: str) -> set[str]:
    code = re.sub(r"/\*.*?\*/|//[^\n]*|\"[^\"\n]*\"", " ", text, flags=re.DOTALL)
    return set(re.findall(r"\b(?:arm|cmsis_nn|ARM|tflite::|kTfLite|TFLITE|TfLite)\w+", code))


def test_names_in_the_adapters() -> None:
    used = set()
    for path in library.ADAPTER.iterdir():
        used |= in_c(path.read_text())
    assert len(used) > 20
    assert used - NAMES == set()


def test_functions_that_the_adapters_are_checked_for() -> None:
    used = {name for names in calls.FUNCTIONS.values() for name in names}
    assert used - NAMES == set()


def test_names_in_the_glue() -> None:
    text = (generation.HERE / "templates" / "glue.cc.j2").read_text()
    used = in_c(text) | set(re.findall(r"tflite::\w+", text))
    used |= set(re.findall(r"interpreter->(\w+)\(", text)) | {"BeginEvent", "EndEvent"}
    used |= set(re.findall(r'#include "(tensorflow[^"]+)"', text))
    assert len(used) > 10
    assert used - NAMES == set()


def test_headers_folders_targets_and_defines() -> None:
    used = {*CMSISNN.headers, *CMSISNN.includes, *MURISCVNN.headers, *MURISCVNN.includes}
    used |= {*CMSISNN.tflm_includes, *MURISCVNN.tflm_includes} - {""}
    used |= {LISTS, "muriscvnn", "USE_VEXT"}
    used |= set(re.findall(r"^set\((\w+)", (FRAGMENT / "CMakeLists.txt").read_text(), re.MULTILINE))
    used |= {tree.MAKEFILE, tree.RESOLVER, tree.INTERPRETER, tree._KERNELS, tree._BASE, tree.MICRO}
    used |= {*tree._PRUNED, tree._STATIC_MEMORY_LACKS, *generation.DEFINES, generation.STRIPPED}
    used |= {*tree.THIRD_PARTIES} - {"flatbuffers"}
    used |= {*operators.METHODS.values(), *operators.OVERRIDES.values()}
    used |= {SUPPORT, "muriscv_nn_read_q7x4"}
    assert used - NAMES == set()


@pytest.mark.parametrize("name", ["cmsisnn", "muriscvnn", "tflite-micro"])
def test_the_pins_are_the_ones_that_the_page_explains(name: str) -> None:
    commit = pins().sources[name].commit
    assert commit in PAGE or f"`{commit[:8]}`" in PAGE


def test_nothing_is_called_compiled_that_was_not() -> None:
    column = HEADER.split(" | ").index("real")
    assert len(TABLE) > 50
    assert {row.split(" | ")[column] for row in TABLE} == {"no"}
