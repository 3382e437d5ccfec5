"""Components of a firmware: what they see of each other, shared ones, those with CMake files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from bare_metal import HELLO, firmware, model, simulate
from helper_component import (
    CALLS,
    HELPER_C,
    HELPER_CMAKE,
    HELPER_H,
    components_of,
    failure,
    helper,
    write,
)

from pytest_mlbench.errors import BuildFailed, UsageError
from pytest_mlbench.firmware import flags
from pytest_mlbench.firmware.components import Component

pytestmark = pytest.mark.spike


def test_shared_parts_are_built_once_for_all_firmware(tmp_path):
    home = tmp_path / "cache"
    component = helper(tmp_path / "helper", shared=True)
    one = firmware(components_of(component), home)
    two = firmware(
        (Component("model", texts={"model.c": CALLS + "// another\n"}), component),
        home,
        defines=("X=1",),
    )
    plain = firmware(components_of(replace(component, shared=False)), home)

    assert len(list((home / "libraries").glob("[0-9a-f]*"))) == 1
    assert one.component_of == {
        "libhelper.a": "helper",
        "libmodel.a": "model",
        "libruntime.a": "runtime",
    }
    assert one.compile_flags["helper"] == plain.compile_flags["helper"]
    assert "-DX=1" in two.compile_flags["model"]
    assert "-DX=1" not in two.compile_flags["helper"]
    assert simulate(one, (b"\1\0\0\0",)).outputs == ((b"\6\0\0\0",),)

    firmware(components_of(component), home, optimize="2")
    assert len(list((home / "libraries").glob("[0-9a-f]*"))) == 2


def test_parts_see_public_headers_only(tmp_path, home):
    hidden = helper(tmp_path / "helper", public=False)

    error = failure(components_of(hidden), home)

    assert re.match(r"model\.c:\d+: fatal error: helper\.h: No such file", error.what)


def test_generated_headers_and_folders(home):
    components = (
        Component(
            "model",
            texts={
                "model.c": CALLS.replace('"helper.h"', '"deep/helper.h"'),
                "deep/helper.h": HELPER_H,
                "code/helper.c": HELPER_C.replace('"helper.h"', '"deep/helper.h"'),
            },
            defines=("ADDEND=3",),
        ),
    )
    assert simulate(firmware(components, home), (b"\1\0\0\0",)).outputs == ((b"\4\0\0\0",),)


def test_texts_cannot_leave_their_folder(home):
    with pytest.raises(BuildFailed, match="lies outside"):
        firmware((Component("model", texts={"model.c": HELLO, "../../x.h": ""}),), home)


def test_parts_of_one_name_are_one_component(tmp_path, home):
    one, two = helper(tmp_path / "one"), helper(tmp_path / "two")
    (tmp_path / "two/src/helper.c").write_text("int unused(void) { return 0; }\n")

    built = firmware(components_of(one, two), home)

    assert built.component_of["libhelper.a"] == built.component_of["libhelper-2.a"] == "helper"


def test_a_cmake_part_follows_the_build(tmp_path, home):
    """Its own CMakeLists.txt, its own target name; the firmware's flags and the component's own."""
    folder = tmp_path / "helper"
    component = helper(folder, sources=(), cmake=folder, cmake_target="helper-lib")
    write(folder, {"CMakeLists.txt": HELPER_CMAKE})

    built = firmware(components_of(component), home)

    assert simulate(built, (b"\1\0\0\0",)).outputs == ((b"\6\0\0\0",),)
    assert built.component_of["libhelper-lib.a"] == "helper"
    assert {"-DADDEND=5", "-Os", "-ffunction-sections"} <= set(built.compile_flags["helper"])
    shared = firmware(components_of(replace(component, shared=True)), home)
    assert shared.compile_flags == built.compile_flags


def test_a_cmake_part_with_a_level_of_its_own_is_refused(tmp_path, home):
    folder = tmp_path / "helper"
    component = helper(folder, sources=(), cmake=folder, cmake_target="helper-lib")
    level = "target_compile_options(helper-lib PRIVATE -Ofast)\n"
    write(folder, {"CMakeLists.txt": HELPER_CMAKE + level})

    error = failure(components_of(component), home)

    assert str(error).startswith("helper.c: compiled with -Ofast, but the whole firmware is at -Os")


def test_a_cmake_part_without_its_target_is_told(tmp_path, home):
    folder = tmp_path / "helper"
    write(folder, {"CMakeLists.txt": HELPER_CMAKE})

    error = failure(
        components_of(helper(folder, cmake=folder, cmake_target="no-such-target")), home
    )

    assert "no-such-target" in str(error)
    with pytest.raises(UsageError, match="names no target"):
        firmware(components_of(helper(folder, cmake=folder)), home)


def test_defines_and_options_arrive_as_they_were_given(tmp_path, home):
    text = model(
        "for (int i = 0; i < 8; ++i) out0[i] = (uint8_t)TEXT[i]; out0[7] = INCLUDED; return 0;",
        outputs=(8,),
    )
    folder = write(tmp_path / "with space", {"one.h": "#define INCLUDED OTHER\n"})
    write(tmp_path, {"two.h": "#define OTHER '!'\n"})
    component = Component(
        "model",
        texts={"model.c": text},
        defines=('TEXT="a \'$b\\"c"',),
        options=("-include", str(folder / "one.h"), "-include", str(tmp_path / "two.h")),
    )

    report = simulate(firmware((component,), home), outputs=(8,))

    assert report.outputs == ((b"a '$b\"c!",),)


def test_assembly_is_assembled_for_its_own_isa(home):
    component = Component(
        "model",
        texts={
            "model.c": HELLO,
            "vector.S": ".globl f\nf: vsetvli a0, zero, e8, m1, ta, ma\nret\n",
        },
    )
    assert "vsetvli" in str(failure((component,), home))
    assert firmware((replace(component, march="rv32gcv"),), home).sha256


def test_cxx_needs_no_runtime(home):
    text = """
    #include "mlbench_firmware.h"
    struct Counter {
      uint8_t value;
      Counter() : value(41) {}
      virtual uint8_t next() { return ++value; }
    };
    static Counter counter;
    extern "C" uint8_t next(void) { return counter.next(); }
    """
    component = Component(
        "model",
        texts={
            "model.c": model("out0[0] = next(); return 0;", before="uint8_t next(void);"),
            "next.cc": text,
        },
    )
    built = firmware((component,), home)

    assert simulate(built).outputs == ((b"\x2a\0\0\0",),)
    assert "-fno-exceptions" in built.compile_flags["model"]


def test_the_record_of_flags_has_one_level_and_no_path(tmp_path, home):
    component = helper(tmp_path / "helper", options=("-Wall", "-Wextra", "-Werror"))

    built = firmware(components_of(component), home, optimize="2")

    assert set(built.compile_flags) == {"helper", "model", "runtime"}
    for words in built.compile_flags.values():
        assert [word for word in words if word.startswith("-O")] == ["-O2"]
        assert not [word for word in words if "/" in word]
        assert "-march=rv32gc" in words
    assert {"-Werror", "-DADDEND=5"} <= set(built.compile_flags["helper"])
    database = json.loads(built.compile_commands.read_text())
    flags.check_level(database, "2")
    assert {Path(row["file"]).name for row in database} > {"crt0.S", "main.c", "helper.c"}


def test_a_level_among_a_parts_options_is_refused(tmp_path, home):
    component = helper(tmp_path / "helper", options=("-O1",))

    assert "helper.c: compiled with -O1" in str(failure(components_of(component), home))
