"""Building firmware for real: reproducible, cached, and clear when it fails."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from bare_metal import HELLO, firmware, hello_output, model, simulate, toolchain
from helper_component import CALLS, HELPER_C, components_of, failure, helper, write
from loopback import wait_for

from pytest_mlbench import process, progress
from pytest_mlbench.errors import BuildFailed, Unavailable, UsageError
from pytest_mlbench.firmware import build as build_module
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.provision.cache import Cache

pytestmark = pytest.mark.spike


def log_of(error: BuildFailed) -> Path:
    return Path(error.remedy.removeprefix("The full log is "))


# The same bytes everywhere


def test_two_folders_give_one_elf(tmp_path):
    text = HELLO.replace(
        "int32_t mlbench_setup(void) {",
        "static const char *volatile where;\nint32_t mlbench_setup(void) { where = __FILE__;",
    )
    built = []
    for name in ("here", "elsewhere/and/deeper"):
        folder = tmp_path / name
        source = write(folder / "sources", {"extra.c": text})
        component = Component("model", sources=(source / "extra.c",))
        built.append(firmware((component,), folder / "cache", optimize="3", alone=True))

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

    after = firmware(HELLO, tmp_path / "cache", alone=True)

    assert after.sha256 == before.sha256
    assert after.compile_flags == before.compile_flags


# The cache


def test_a_cached_firmware_that_is_another_one_is_built_again(tmp_path):
    built = firmware(HELLO, tmp_path)
    for name in ("firmware.elf", "firmware.map", "firmware.json"):
        path = built.elf.with_name(name)
        good = path.read_bytes()
        path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        said = []
        before = progress.set_sink(said.append)
        try:
            again = firmware(HELLO, tmp_path)
        finally:
            progress.set_sink(before)

        assert path.read_bytes() == good, name
        assert again.sha256 == hashlib.sha256(again.elf.read_bytes()).hexdigest() == built.sha256
        assert any(f"damaged ({name} was changed): made again" in row for row in said)


def test_a_warm_build_starts_no_program(home, monkeypatch):
    cold = firmware(HELLO, home)

    def refuse(*_arguments, **_options):
        raise AssertionError("a program was started")

    monkeypatch.setattr(process, "run", refuse)

    assert firmware(HELLO, home) == cold


def test_everything_that_goes_in_is_in_the_key(tmp_path, monkeypatch):
    """Nothing is built: the key alone tells firmware apart."""

    def empty(folder: Path, *_):
        facts = {"sha256": "", "compile_flags": {}, "component_of": {}, "warnings": []}
        (folder / "firmware.json").write_text(json.dumps({**facts, "read": {}}))
        return {}

    monkeypatch.setattr(build_module, "_make_firmware", empty)
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
    """Killed while its compiler is at work, which would go on for ever."""
    expected = firmware(HELLO, home).sha256
    begun = tmp_path / "begun"
    text = f"#!/bin/sh\ntouch {begun}\nexec sleep 600\n"
    slow = write(tmp_path / "bin", {"gcc": text})
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
bare_metal.firmware(bare_metal.HELLO, __import__("pathlib").Path({str(tmp_path / "cache")!r}))
print("built", flush=True)
"""
        },
    )
    child = subprocess.Popen(
        [sys.executable, script / "build.py"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        start_new_session=True,
    )
    try:
        wait_for(lambda: begun.exists() or child.poll() is not None)
    finally:
        os.killpg(child.pid, signal.SIGKILL)
    assert child.communicate() == (b"", None)
    assert child.returncode == -signal.SIGKILL
    assert list((tmp_path / "cache/firmware").glob(".*partial*"))
    assert not list((tmp_path / "cache").glob("firmware/[0-9a-f]*/firmware.elf"))

    built = firmware(HELLO, tmp_path / "cache")

    assert built.sha256 == expected
    assert not list((tmp_path / "cache/firmware").glob(".*partial*"))


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
