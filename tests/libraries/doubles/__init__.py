"""Contract doubles: source trees laid out as the upstream ones are, functionally exact, ours.

`cmsis_nn` holds the one that is written out; `variant` copies it with changes that versions of the
real library differ by, and `muriscv_nn` rewrites a copy into muRISCV-NN's layout and names.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from . import muriscv

HERE = Path(__file__).parent
CMSIS_NN = HERE / "cmsis_nn"
TFLM = HERE / "tflm"

_VECTOR_SUM = {
    4: ("", "1", "0"),
    6: (
        ", const int32_t lhs_offset, const int32_t *bias_data",
        "lhs_offset",
        "(bias_data ? bias_data[row] : 0)",
    ),
}


def variant(
    folder: Path,
    *,
    vector_sum: int = 7,
    kernel_sums: bool = False,
    without: tuple[str, ...] = (),
    connected_only: bool = False,
) -> Path:
    """A copy of the CMSIS-NN double in `folder`, as another version of the library would be.

    vector_sum      parameters of arm_vector_sum_s8: 4, 6 or 7; the sums' meaning goes with them
    kernel_sums     fully connected layers want their sums, as builds with vectors do
    without         functions that this version does not have
    connected_only  with what fully connected layers call, and nothing else to compile
    """
    shutil.copytree(CMSIS_NN, folder)
    for group in (folder / "Source").glob("*Functions") if connected_only else ():
        if group.name not in ("FullyConnectedFunctions", "NNSupportFunctions"):
            shutil.rmtree(group)
    header = folder / "Include/arm_nnfunctions.h"
    connected = folder / "Source/FullyConnectedFunctions"
    if kernel_sums:
        _edit(
            header, ("#define USE_INTRINSIC", "#define USE_INTRINSIC\n#define DOUBLE_KERNEL_SUMS")
        )
    if vector_sum != 7:
        more, factor, bias = _VECTOR_SUM[vector_sum]
        start = (
            "arm_cmsis_nn_status arm_vector_sum_s8(int32_t *vector_sum_buf, "
            "const int32_t vector_cols, const int32_t vector_rows, const int8_t *vector_data"
        )
        text = header.read_text()
        pattern = r"arm_cmsis_nn_status arm_vector_sum_s8\([^)]*\);"
        header.write_text(re.sub(pattern, f"{start}{more});", text))
        (connected / "arm_vector_sum_s8.c").write_text(
            '#include "arm_nnfunctions.h"\n\n'
            f"{start}{more}) {{\n"
            "  for (int32_t row = 0; row < vector_rows; row++) {\n"
            "    int32_t sum = 0;\n"
            "    for (int32_t column = 0; column < vector_cols; column++) {\n"
            "      sum += *vector_data++;\n    }\n"
            f"    vector_sum_buf[row] = sum * {factor} + {bias};\n  }}\n"
            "  return ARM_CMSIS_NN_SUCCESS;\n}\n"
        )
        _edit(
            connected / "arm_fully_connected_s8.c",
            ("sum = sums[out];", "sum += fc_params->input_offset * sums[out];"),
        )
    for name in without:
        text = header.read_text()
        header.write_text(re.sub(rf"[^;]*\b{name}\([^)]*\);", "", text, count=1))
        for source in folder.rglob(f"{name}.c"):
            source.unlink()
    return folder


_RENAMED = (
    ("arm_nnfunctions.h", "muriscv_nn_functions.h"),
    ("arm_nnsupportfunctions.h", "muriscv_nn_support_functions.h"),
    ("arm_cmsis_nn_status", "muriscv_nn_status"),
    ("ARM_CMSIS_NN_", "MURISCV_NN_"),
    ("cmsis_nn_", "muriscv_nn_"),
    ("ARM_NN", "MURISCV_NN"),
    ("arm_nn_", "muriscv_nn_"),
    ("arm_", "muriscv_nn_"),
)

_LIST = """option(EVERYTHING "All functions" ON)
set(MURISCVNN_LIB "muriscvnn")
add_library(${{MURISCVNN_LIB}} STATIC)
target_include_directories(${{MURISCVNN_LIB}} PUBLIC ${{PROJECT_SOURCE_DIR}}/Include
                           ${{PROJECT_SOURCE_DIR}}/Include/CMSIS/NN/Include)
# A level of its own on purpose, as the CMSIS-NN double has.
target_compile_options(${{MURISCVNN_LIB}} PRIVATE -Os)
if(NOT ${{SIMULATOR}} STREQUAL "Spike")
  message(FATAL_ERROR "SIMULATOR is not set")
endif()
{groups}"""


def muriscv_nn(folder: Path, *, gcc14: bool = False, **changes: object) -> Path:
    """The double in muRISCV-NN's layout: native names, compatibility headers, its CMake target.

    Its lists name each file; one that they do not name does not compile. `gcc14`: its header knows
    the intrinsics of GCC 14. `changes` as `variant`'s.
    """
    source = variant(folder.with_name(folder.name + ".cmsis"), **changes)  # type: ignore[arg-type]
    _edit(
        source / "Source/FullyConnectedFunctions/arm_fully_connected_get_buffer_sizes_s8.c",
        ("#ifdef DOUBLE_KERNEL_SUMS", "#if defined(DOUBLE_KERNEL_SUMS) || defined(USE_VEXT)"),
    )
    for path, *changes in muriscv.SOURCES:
        _edit(source / path, *changes)
    for header in sorted((source / "Include").rglob("*.h")):
        _write(folder / "Include" / _rename(str(header.relative_to(source / "Include"))), header)
    for path, *changes in muriscv.headers(gcc14=gcc14):
        _edit(folder / path, *changes)
    compat = folder / "Include/CMSIS/NN/Include"
    compat.mkdir(parents=True)
    names = _names((source / "Include/arm_nnfunctions.h").read_text())
    _compat(
        compat / "arm_nnfunctions.h",
        ("arm_nn_math_types.h", "arm_nn_types.h", "muriscv_nn_functions.h"),
        [name for name in names if name.startswith("arm_") and name.endswith(("_s8", "_size"))],
    )
    types = (source / "Include/arm_nn_types.h").read_text()
    _compat(
        compat / "arm_nn_types.h",
        ("muriscv_nn_types.h",),
        sorted(set(re.findall(r"\b(cmsis_nn_\w+);", types))),
    )
    _compat(
        compat / "arm_nn_math_types.h",
        ("muriscv_nn_types.h",),
        ["arm_cmsis_nn_status", *sorted(set(re.findall(r"\bARM_CMSIS_NN_\w+", types)))],
    )
    groups = []
    for group in sorted((source / "Source").glob("*Functions")):
        files = sorted(group.glob("*_s8.c"))
        for file in files:
            _write(folder / "Source" / group.name / _rename(file.name), file)
        for file in sorted((muriscv.HERE / "Source" / group.name).glob("*.c")):
            shutil.copy(file, folder / "Source" / group.name)
            files.append(file)
        if files:
            groups.append(group.name)
            listed = " ".join("${CMAKE_CURRENT_SOURCE_DIR}/" + _rename(f.name) for f in files)
            (folder / "Source" / group.name / "CMakeLists.txt").write_text(
                f"target_sources(${{MURISCVNN_LIB}} PRIVATE {listed})\n"
            )
    unlisted = folder / "Source" / groups[0] / "muriscv_nn_old_s8.c"
    unlisted.write_text('#error "a file that no list names was compiled"\n')
    text = _LIST.format(groups="".join(f"add_subdirectory({group})\n" for group in groups))
    (folder / "Source/CMakeLists.txt").write_text(text)
    shutil.copyfile(source / "CONTRACT_DOUBLE", folder / "CONTRACT_DOUBLE")
    shutil.rmtree(source)
    return folder


def _rename(text: str) -> str:
    for old, new in _RENAMED:
        text = text.replace(old, new)
    return text


def _write(path: Path, source: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_rename(source.read_text()))


def _names(header: str) -> list[str]:
    return sorted(set(re.findall(r"\b(arm_\w+)\s*\(", header)))


def _compat(path: Path, includes: tuple[str, ...], names: list[str]) -> None:
    lines = [f'#include "{name}"' for name in includes]
    lines += [f"#define {name} {_rename(name)}" for name in names]
    path.write_text("#pragma once\n" + "\n".join(lines) + "\n")


def _edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert old in text, f"{path.name}: {old!r} is not there"
        text = text.replace(old, new)
    path.write_text(text)
