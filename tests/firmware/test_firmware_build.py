"""Building firmware for real: reproducible, cached, and clear when it fails."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from bare_metal import HELLO, firmware, hello_output, model, simulate, toolchain

from pytest_mlbench import process, progress
from pytest_mlbench.errors import BuildFailed, Unavailable, UsageError
from pytest_mlbench.firmware import build as build_module
from pytest_mlbench.firmware import flags
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.provision.cache import Cache

pytestmark = pytest.mark.spike

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


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def helper(folder: Path, **changes) -> Component:
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
    return (Component("model", texts={"model.c": CALLS}), *others)


def failure(components, home: Path, **options) -> BuildFailed:
    with pytest.raises(BuildFailed) as caught:
        firmware(components, home, **options)
    return caught.value


def log_of(error: BuildFailed) -> Path:
    return Path(error.remedy.removeprefix("The full log is "))


# The same bytes everywhere


@pytest.mark.parametrize("optimize", ["s", "3"])
def test_two_folders_give_one_elf(tmp_path, optimize):
    text = HELLO.replace(
        "int32_t mlbench_setup(void) {",
        "static const char *volatile where;\nint32_t mlbench_setup(void) { where = __FILE__;",
    )
    built = []
    for name in ("here", "elsewhere/and/deeper"):
        folder = tmp_path / name
        source = write(folder / "sources", {"extra.c": text})
        component = Component("model", sources=(source / "extra.c",))
        built.append(firmware((component,), folder / "cache", optimize=optimize))

    assert built[0].elf != built[1].elf
    assert built[0].sha256 == built[1].sha256
    data = built[0].elf.read_bytes()
    assert hashlib.sha256(data).hexdigest() == built[0].sha256
    assert str(tmp_path).encode() not in data
    assert b"model/extra.c" in data


def test_the_users_shell_does_not_steer_a_build(tmp_path, home, monkeypatch):
    before = firmware(HELLO, home)
    write(tmp_path / "include", {"stdint.h": "#error wrong header"})
    for name in ("CFLAGS", "ASMFLAGS", "LDFLAGS"):
        monkeypatch.setenv(name, "-fnot-an-option")
    for name in ("CPATH", "GCC_EXEC_PREFIX", "COMPILER_PATH", "LIBRARY_PATH"):
        monkeypatch.setenv(name, str(tmp_path / "include"))
    # What CI exports for ccache, and vcpkg's users for CMake.
    launcher = tmp_path / "launcher"
    launcher.write_text('#!/bin/sh\nexec "$@" -O0\n')
    launcher.chmod(0o755)
    monkeypatch.setenv("CMAKE_C_COMPILER_LAUNCHER", str(launcher))
    write(tmp_path, {"tools.cmake": 'add_compile_options(-fno-inline)\nset(CMAKE_C_FLAGS "-O0")\n'})
    monkeypatch.setenv("CMAKE_TOOLCHAIN_FILE", str(tmp_path / "tools.cmake"))

    after = firmware(HELLO, tmp_path / "cache")

    assert after.sha256 == before.sha256
    assert after.compile_flags == before.compile_flags


# The cache


@pytest.mark.parametrize("name", ["firmware.elf", "firmware.map", "firmware.json"])
def test_a_cached_firmware_that_is_another_one_is_built_again(tmp_path, name):
    built = firmware(HELLO, tmp_path)
    path = built.elf.with_name(name)
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    said = []
    before = progress.set_sink(said.append)
    try:
        again = firmware(HELLO, tmp_path)
    finally:
        progress.set_sink(before)

    assert path.read_bytes() == good
    assert again.sha256 == hashlib.sha256(again.elf.read_bytes()).hexdigest() == built.sha256
    assert any(f"damaged ({name} was changed): made again" in row for row in said)


def test_a_warm_build_starts_no_program(home, monkeypatch):
    cold = firmware(HELLO, home)

    def refuse(*_arguments, **_options):
        raise AssertionError("a program was started")

    monkeypatch.setattr(process, "run", refuse)

    assert firmware(HELLO, home) == cold


def test_everything_that_goes_in_is_in_the_key(tmp_path):
    home = tmp_path / "cache"
    folder = tmp_path / "helper"
    component = helper(folder)
    seen = [firmware(components_of(component), home).elf]

    def changed(*components: Component, **options) -> None:
        built = firmware(components, home, **options)
        assert built.elf not in seen
        seen.append(built.elf)

    changed(*components_of(replace(component, defines=("ADDEND=6",))))
    changed(*components_of(replace(component, options=("-fno-inline",))))
    changed(*components_of(component), optimize="3")
    changed(*components_of(component), isa="rv32imac")
    changed(*components_of(component), defines=("MORE",))
    changed(Component("model", texts={"model.c": CALLS + "\n"}), component)
    (folder / "include/other.h").write_text("// a header that is not even used\n")
    changed(*components_of(component))
    (folder / "src/helper.c").write_text(HELPER_C + "\n")
    changed(*components_of(component))

    assert firmware(components_of(component), home).elf == seen[-1]


def test_a_build_that_is_killed_is_repaired_by_the_next(tmp_path, home):
    expected = firmware(HELLO, home).sha256
    slow = write(tmp_path / "bin", {"gcc": f'#!/bin/sh\nsleep 3\nexec "{toolchain().gcc}" "$@"\n'})
    (slow / "gcc").chmod(0o755)
    script = write(
        tmp_path,
        {
            "build.py": f"""
import dataclasses, bare_metal
compiler = dataclasses.replace(bare_metal.toolchain(), prefix={str(slow) + "/"!r})
for name in ("ar", "ranlib", "g++"):
    compiler.tool(name).exists() or compiler.tool(name).symlink_to(
        bare_metal.toolchain().tool(name))
bare_metal.toolchain = lambda isa: compiler
print("begun", flush=True)
bare_metal.firmware(bare_metal.HELLO, __import__("pathlib").Path({str(tmp_path / "cache")!r}))
print("built", flush=True)
"""
        },
    )
    done = process.run(
        [sys.executable, script / "build.py"],
        timeout=2.5,
        env={"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert done.timed_out, done.error_text
    assert done.returncode == -signal.SIGKILL
    assert done.text == "begun\n"
    assert not list((tmp_path / "cache").glob("firmware/[0-9a-f]*/firmware.elf"))

    built = firmware(HELLO, tmp_path / "cache")

    assert built.sha256 == expected
    assert not list((tmp_path / "cache/firmware").glob(".*partial*"))


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


# Parts


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


# Flags


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


def test_the_runtime_compiles_without_warnings(home):
    class Strict(SpikeTarget):
        def components(self, isa):
            strict = ("-std=c11", "-Wall", "-Wextra", "-Werror")
            return tuple(
                replace(component, options=strict) for component in super().components(isa)
            )

    for isa in ("rv32gc", "rv64gc"):
        build_module.build(
            (Component("model", texts={"model.c": HELLO}),),
            target=Strict(),
            isa=isa,
            optimize="3",
            toolchain=toolchain(isa),
            cache=Cache(home),
            name="strict",
        )


# Failures


def test_a_compile_error_is_the_compilers_first_and_the_log_stays(home):
    text = HELLO.replace("uint32_t sum = bias;", "uint32_t sum = bios;\n  also wrong;")

    error = failure(text, home, name="hello-O3")

    assert re.fullmatch(r"model\.c:\d+: error: 'bios' undeclared .*", error.what)
    assert error.where == "hello-O3"
    log = log_of(error)
    assert "'bios' undeclared" in log.read_text()
    assert (log.parent / "src/model/model.c").read_text() == text
    assert log.is_relative_to(home)


def test_linker_errors_are_told(home):
    undefined = model("return missing();", before="int32_t missing(void);")
    big = "static volatile uint8_t big[600 << 20];"
    huge = model("out0[0] = big[in0[0]]; return 0;", before=big)

    told = failure(undefined, home).what
    assert re.fullmatch(r"model\.c:\d+: undefined reference to `missing'", told)
    assert re.search(r"`\.bss' is not within region `RAM'", failure(huge, home).what)


def test_a_failed_build_leaves_no_entry_and_can_be_repeated(tmp_path):
    text = model("return missing();", before="int32_t missing(void);")
    for _ in range(2):
        failure(text, tmp_path)

    assert not list((tmp_path / "firmware").glob("[0-9a-f]*"))
    assert not list((tmp_path / "firmware").glob(".*"))


def test_a_compiler_that_is_gone_or_broken_is_told(tmp_path):
    broken = write(tmp_path / "bin", {"gcc": "#!/bin/sh\necho gcc: it is broken >&2\nexit 1\n"})
    (broken / "gcc").chmod(0o755)
    for prefix, words in ((str(broken) + "/", "it is broken"), ("/nowhere/riscv-", "/nowhere/")):
        with pytest.raises((BuildFailed, Unavailable), match=words):
            build_module.build(
                (Component("model", texts={"model.c": HELLO}),),
                target=SpikeTarget(),
                isa="rv32gc",
                optimize="s",
                toolchain=replace(toolchain(), prefix=prefix),
                cache=Cache(tmp_path / "cache"),
                name="broken",
            )


def test_an_unknown_level_and_a_missing_source_are_refused(tmp_path, home):
    with pytest.raises(UsageError, match="unknown optimisation level 'fast'"):
        firmware(HELLO, home, optimize="fast")
    with pytest.raises(UsageError, match="no such file"):
        firmware((Component("model", sources=(tmp_path / "gone.c",)),), home)


def test_the_firmware_is_the_model(home):
    sample = bytes(range(16))
    assert simulate(firmware(HELLO, home), (sample,)).outputs == ((hello_output(sample),),)


def test_a_log_that_cannot_be_kept_is_no_second_failure(tmp_path, monkeypatch):
    import shutil

    def full(*_arguments, **_options):
        raise shutil.Error([("a", "b", "[Errno 28] No space left on device")])

    monkeypatch.setattr("pytest_mlbench.firmware.make.shutil.copytree", full)
    error = failure("this is no C", tmp_path)

    assert "error" in error.what
    assert "The log could not be saved in" in error.remedy
