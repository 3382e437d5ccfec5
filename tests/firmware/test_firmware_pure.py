"""Flags, quoting, keys and diagnosis, without tools."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from pytest_mlbench.errors import BuildFailed, UsageError
from pytest_mlbench.firmware import contents, diagnose, flags, project
from pytest_mlbench.firmware.components import Component


def command(words: str, *, name: str = "a.c", target: str = "component_model") -> dict[str, str]:
    """An entry of a compile database."""
    return {
        "command": f"/bin/riscv-gcc {words} -o CMakeFiles/{target}.dir/{name}.obj -c /x/{name}",
        "directory": "/build",
        "file": f"/x/{name}",
    }


# Flags


def test_flags_of_this_machine_are_left_out():
    row = command(
        "-I/home/me/include -isystem /opt/include -MD -MT a -MF b -O2 -DX='a b' "
        "-ffile-prefix-map=/x=y "
        "--specs=/opt/lib/picolibc.specs --picolibc-prefix=/opt -fno-diagnostics-color -I inc -Wall"
    )
    assert flags.used(row) == ("-O2", "-DX=a b", "--specs=picolibc.specs", "-Wall")


@pytest.mark.parametrize("absolute", [True, False])
def test_flags_are_collected_by_part(absolute):
    rows = [command("-O2 -DA", name="b.c"), command("-O2 -DB", name="a.S")]
    other = command("-O2 -DC", target="firmware")
    if absolute:
        rows = [
            {**row, "command": row["command"].replace("-o CMake", "-o /build/CMake")}
            for row in rows
        ]

    found = flags.by_component([*rows, other], {"CMakeFiles/component_model.dir/": "model"})

    assert found == {"model": ("-O2", "-DB", "-DA")}


def test_the_last_level_counts():
    flags.check_level([command("-O3 -Os")], "s")
    with pytest.raises(BuildFailed, match=r"a\.c: compiled with -O3, but .* at -Os"):
        flags.check_level([command("-Os -O3")], "s")
    with pytest.raises(BuildFailed, match="compiled with none, but"):
        flags.check_level([command("-g")], "s")


# The CMake project


def test_what_cmake_would_take_apart_is_refused():
    assert project.quoted(["a b", '"$x"']) == '[==[a b]==] [==["$x"]==]'
    for word in ("a;b", "$<CONFIG>", "a\nb", "]==]"):
        with pytest.raises(UsageError, match="CMake cannot pass on"):
            project.quoted([word])


def test_options_with_values_stay_together():
    assert project.paired(["-isystem", "/a b", "-isystem", "/c", "-DX=1"]) == (
        "[==[SHELL:-isystem '/a b']==] [==[SHELL:-isystem /c]==] [==[SHELL:-DX=1]==]"
    )


def units(*components: Component) -> tuple[project.Unit, ...]:
    return project.units(
        components, Path("/src"), defines=("ALL",), march=lambda isa: f"-march={isa}"
    )


def test_headers_are_seen_as_the_parts_say():
    model, library, private = units(
        Component("model", texts={"model.c": ""}),
        Component("library", texts={"l.c": "", "l.h": ""}, headers=(Path("/lib/h"),), public=True),
        Component("private", texts={"p.c": ""}, headers=(Path("/private/h"),)),
    )
    include = str(project.INCLUDE)
    assert model.headers == ("/src/model", "/lib/h", "/src/library", include)
    assert library.headers == ("/src/library", "/lib/h", include)
    assert private.headers == ("/src/private", "/private/h", "/lib/h", "/src/library", include)


def test_a_part_of_headers_only_makes_no_library():
    found = units(
        Component("headers", headers=(Path("/h"),), public=True),
        Component("model", texts={"m.c": ""}),
    )
    assert [unit.name for unit in found] == ["model"]
    assert "/h" in found[0].headers
    with pytest.raises(UsageError, match="'empty' has nothing to compile"):
        units(Component("empty"))


@pytest.mark.parametrize("name", ["", "a b", "../x", "a;b"])
def test_a_name_that_is_no_librarys_is_refused(name):
    with pytest.raises(UsageError, match="cannot be a library's name"):
        units(Component(name, texts={"a.c": ""}))


def test_only_the_languages_there_are_get_enabled():
    assert project.languages(units(Component("a", texts={"a.c": ""}))) == ["C"]
    assert project.languages(units(Component("a", texts={"a.S": "", "b.cc": ""}))) == [
        "ASM",
        "C",
        "CXX",
    ]


# Keys


def test_a_folders_hash_is_that_of_names_and_contents(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder / "sub").mkdir(parents=True)
        (tmp_path / folder / "sub/a.h").write_text("1")
    (tmp_path / "two/.git").mkdir()
    (tmp_path / "two/.git/config").write_text("left out")
    same = contents.path_hash(tmp_path / "one")
    assert contents.path_hash(tmp_path / "two") == same

    (tmp_path / "two/sub/a.h").rename(tmp_path / "two/sub/b.h")
    assert contents.path_hash(tmp_path / "two") != same


def test_a_search_path_counts_by_what_could_be_included(tmp_path):
    for name in ("a.h", "vector", "table.inc", "code.cc"):
        before = contents.headers_hash(tmp_path)
        (tmp_path / name).write_text("1")
        assert contents.headers_hash(tmp_path) != before
    before = contents.headers_hash(tmp_path)
    (tmp_path / "photo.png").write_text("1")
    assert contents.headers_hash(tmp_path) == before
    assert contents.path_hash(tmp_path) != before


def test_paths_in_options_count_by_their_contents(tmp_path):
    script = tmp_path / "a.ld"
    script.write_text("one")
    first = contents.options(
        ["-T", str(script), f"-T{script}", f"-Wl,-x={script}", "-O2", "-DA=/no"]
    )
    other = tmp_path / "b.ld"
    other.write_text("one")
    assert (
        contents.options(["-T", str(other), f"-T{other}", f"-Wl,-x={other}", "-O2", "-DA=/no"])
        == first
    )
    assert first[-2:] == ["-O2", "-DA=/no"]
    other.write_text("two!")
    assert contents.options([f"-T{other}"]) != first[1:2]


# Diagnosis


@pytest.mark.parametrize(
    ("log", "first"),
    [
        (
            (
                "[1/2] x\n/a/b/model.c: In function 'f':\n/a/b/model.c:12:3: warning: w\n"
                "/a/b/model.c:14:5: error: 'x' undeclared\n/a/b/model.c:15:5: error: second\n"
            ),
            "model.c:14: error: 'x' undeclared",
        ),
        (
            "a.c:1:10: fatal error: x.h: No such file or directory\n",
            "a.c:1: fatal error: x.h: No such file or directory",
        ),
        (
            "v.S: Assembler messages:\n/p/v.S:2: Error: unrecognized opcode `vadd'\n",
            "v.S:2: Error: unrecognized opcode `vadd'",
        ),
        (
            "/bin/ld: lib.a(m.obj): in function `f':\nm.c:(.text.f): undefined reference to `g'\n",
            "undefined reference to `g'",
        ),
        (
            "/bin/ld: lib.a(m.obj): in function `f':\n/x/m.c:4: undefined reference to `g'\n",
            "m.c:4: undefined reference to `g'",
        ),
        (
            "ld.lld: error: undefined symbol: g\n>>> referenced by m.c:4 (/x/m.c:4)\n",
            "m.c:4: undefined symbol: g",
        ),
        (
            (
                "/bin/ld: x.elf section `.bss' will not fit in region `RAM'\n"
                "/bin/ld: region `RAM' overflowed by 16 bytes\n"
            ),
            "region `RAM' overflowed by 16 bytes",
        ),
        ("/bin/ld: cannot find -lfoo: No such file\n", "cannot find -lfoo: No such file"),
        (
            (
                "CMake Error at CMakeLists.txt:3 (add):\n  The source directory\n\n    /x\n\n"
                "  does not contain a CMakeLists.txt file.\n\n\n-- Configuring incomplete\n"
            ),
            "The source directory /x does not contain a CMakeLists.txt file",
        ),
        (
            "FAILED: [code=1] a.obj\n/bin/gcc -c a.c\ngcc: killed\nninja: build stopped.\n",
            "gcc: killed",
        ),
        ("something\nhappened\n\n", "happened"),
        ("", "no message at all"),
    ],
)
def test_the_first_error_is_found(log, first):
    assert diagnose.first_error(log) == first


def test_relative_paths_are_those_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = Component("mine", sources=(Path("a.c"),), headers=(Path("include"),), cmake=Path("c"))
    assert mine.sources == (tmp_path / "a.c",)
    assert mine.headers == (tmp_path / "include",)
    assert mine.cmake == tmp_path / "c"


@pytest.mark.parametrize(
    "text", ["gcc -O2  -o a.o\t-c /x/a-b_1.c", """g++ '-DX="a b"' -DY=\\"z\\" "-I/my dir" -c a.c"""]
)
def test_a_command_is_split_as_a_shell_would(text: str) -> None:
    assert flags.words_of({"command": text}) == shlex.split(text)
