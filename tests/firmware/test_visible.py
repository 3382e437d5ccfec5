"""Which defines a source can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.firmware import visible

if TYPE_CHECKING:
    from pathlib import Path

DEFINES = ["-DMLBENCH_A", "-DMLBENCH_B=2", "-DMLBENCH_C=(1,\n2)", "-DNDEBUG", "-DOTHER=1"]


def seen(folder: Path, text: str, *options: str, **headers: str) -> list[str]:
    """The defines that are left of DEFINES for a source with this text."""
    (folder / "near").mkdir(exist_ok=True)
    (folder / "far").mkdir(exist_ok=True)
    for name, content in headers.items():
        place, _, stem = name.partition("_")
        (folder / place / f"{stem}.h").write_text(content, encoding="utf-8")
    source = folder / "near" / "a.c"
    source.write_text(text, encoding="utf-8")
    left = visible.words(["gcc", *options, *DEFINES], source, [folder / "far"])
    assert left[: 1 + len(options)] == ["gcc", *options]
    assert left[-2:] == DEFINES[-2:], "only defines of this package are left out"
    return left[1 + len(options) : -2]


def test_a_source_sees_what_it_and_its_headers_name(tmp_path: Path) -> None:
    assert seen(tmp_path, "int a;") == []
    assert seen(tmp_path, "#if MLBENCH_AA\n#endif\nint MLBENCH_B_;") == []
    assert seen(tmp_path, "#ifdef MLBENCH_A\n#endif") == DEFINES[:1]
    assert seen(tmp_path, "int a = MLBENCH_\\\nB;") == DEFINES[1:2]
    assert seen(tmp_path, '#include "b.h"', near_b="int b = MLBENCH_C;") == DEFINES[2:3]
    both = {
        "near_b": "#include <c.h>\n#include <stdio.h>",
        "far_b": "MLBENCH_A",
        "far_c": "MLBENCH_B",
    }
    assert seen(tmp_path, '# include "b.h"', **both) == DEFINES[:2], "any file of that name counts"
    assert seen(tmp_path, '#include "c.h"', far_c='#include "c.h"\nMLBENCH_C') == DEFINES[2:3]


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("#include HEADER", ""),
        ("#define A(name) MLBENCH_ ## name", ""),
        ("#define A(name) name##MLBENCH_A", ""),
        ("int a;", "-include"),
        ("int a;", "-imacros"),
        ("int a;", "@options"),
        ("int a;", "-ggdb3"),
        ("int a;", "-g3"),
    ],
)
def test_where_it_cannot_be_told_everything_is_seen(tmp_path: Path, text: str, option: str) -> None:
    assert seen(tmp_path, text, *filter(None, [option])) == DEFINES[:3]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    assert seen(tmp_path, "int a;") == []
    assert seen(tmp_path, "int MLBENCH_A;") == DEFINES[:1]
