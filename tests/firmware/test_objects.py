"""Object files of own and generated sources: shared between firmware, and only where equal."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from bare_metal import HELLO, hello_output, model, simulate
from bare_metal import firmware as build

from pytest_mlbench.firmware import cmake, objects
from pytest_mlbench.firmware.components import Component

firmware = partial(build, alone=True)
SOURCE = objects.PACKAGE / "kernels" / "reference" / "softmax.c"
INCLUDE = objects.PACKAGE / "kernels" / "include"


def row(folder: Path, source: Path, *words: str, output: str = "a.o") -> dict[str, str]:
    command = f"gcc {' '.join(words)} -o {output} -c {source}"
    return {"directory": str(folder / "build"), "file": str(source), "command": command}


def key(folder: Path, *words: str, facts: str = "gcc") -> str:
    rows = [row(folder, SOURCE, f"-I{INCLUDE}", *words)]
    made = objects.Objects(None, {"toolchain": facts}, folder, rows)  # type: ignore[arg-type]
    return made._keys["a.o"]


def test_only_sources_of_the_package_and_of_the_build_are_stored(tmp_path: Path) -> None:
    build, generated = tmp_path / "build", tmp_path / "build" / "src" / "model" / "model.c"
    rows = [
        row(build, SOURCE, f"-I{INCLUDE}"),
        row(build, tmp_path / "own.c"),
        row(build, SOURCE, "-I/-"),
        row(build, generated),
    ]
    found = objects.compiles(rows, build)
    assert [(each.source, each.output, each.searched, each.generated) for each in found] == [
        (SOURCE, "a.o", (INCLUDE,), False),
        (generated, "a.o", (), True),
    ]


def test_every_option_compiler_and_searched_file_is_in_the_key(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        (folder / "src" / "model").mkdir(parents=True)
    user = tmp_path / "user"
    user.mkdir()
    plain = key(first)
    assert plain == key(second), "the folder of the build is in the key"
    assert key(first, f"-ffile-prefix-map={first}/src/model=model") == plain
    for unseen in (objects.PACKAGE / "kernels/tuned", user, tmp_path):
        assert key(first, f"-ffile-prefix-map={unseen}=other") == plain
    changed = [
        key(first, facts="clang"),
        key(first, "-O3"),
        key(first, "-DX=1"),
        key(first, f"-ffile-prefix-map={SOURCE.parent}=other"),
        key(first, f"-I{user}"),
        key(first, f"-I{user}", f"-ffile-prefix-map={user}=other"),
        key(first, f"--specs={user}/any.specs", f"-fdebug-prefix-map={tmp_path}=other"),
        key(first, f"-isystem {user}"),
        key(first, f"-I{first}/src/model"),
    ]
    (user / "math.h").write_text("1")
    (first / "src" / "model" / "math.h").write_text("")
    changed += [key(first, f"-I{user}"), key(first, f"-I{first}/src/model")]
    (user / "math.h").write_text("2")
    changed.append(key(first, f"-I{user}"))
    assert len({plain, *changed}) == 1 + len(changed)


def test_what_a_generated_source_and_its_headers_hold_is_in_the_key(tmp_path: Path) -> None:
    def stored(name: str, *words: str, **headers: str) -> str:
        folder = tmp_path / name
        model, other = folder / "src" / "model", folder / "src" / "other"
        for path in (model, other):
            path.mkdir(parents=True, exist_ok=True)
            (path / "a.h").write_text(headers.get(path.name, ""))
        (model / "model.c").write_text(headers.get("source", ""))
        rows = [row(folder, model / "model.c", f"-I{other}", *words)]
        made = objects.Objects(None, {}, folder, rows)  # type: ignore[arg-type]
        return made._keys["a.o"]

    plain = stored("first")
    assert plain == stored("second")
    assert plain == stored("second", f"-ffile-prefix-map={tmp_path}=cache"), "not what it reads"
    changed = [
        stored("first", source="int a;"),
        stored("first", model="int a;"),
        stored("first", other="int a;"),
        stored("first", f"-ffile-prefix-map={tmp_path}/first/src/model=model"),
        stored("first", f"-ffile-prefix-map={tmp_path}/first/src/other=other"),
    ]
    assert len({plain, *changed}) == 1 + len(changed)


def test_rules_of_files_that_are_there_are_left_out(tmp_path: Path) -> None:
    lines = [
        "ninja_required_version = 1.5",
        "build a.o: C_COMPILER /a.c || order",
        "  FLAGS = -Os",
        "  DEP_FILE = a.o.d",
        "",
        "build b.o: C_COMPILER /b.c",
        "  FLAGS = -Os",
        "build a.o | a.txt: C_COMPILER /a.c",  # not as expected: made again
        "build lib.a: AR a.o b.o",
    ]
    (tmp_path / "build.ninja").write_text("\n".join(lines) + "\n")
    here = Path("/")
    run = cmake.CMake(here, here, here, tmp_path, cmake.Compilers(here, here, here, here, ""))
    run.leave_out({"a.o", "lib"})
    assert (tmp_path / "build.ninja").read_text().splitlines() == [lines[0], *lines[4:]]


@pytest.mark.spike
def test_firmware_from_stored_object_files_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = bytes(range(16))
    alone = firmware(HELLO, tmp_path / "alone")
    home = tmp_path / "shared"
    firmware(model(), home)
    stored = len(list((home / "objects").iterdir()))
    shared = firmware(HELLO, home)

    # The start-up code, the main loop and the empty file to link with.
    assert (stored, len(list((home / "objects").iterdir()))) == (3 + 1, 3 + 2)
    again = tmp_path / "again"
    again.mkdir()
    rules, run = [], cmake.CMake.run
    monkeypatch.setattr(
        cmake.CMake,
        "run",
        lambda self: rules.append((self.build / "build.ninja").read_text()) or run(self),
    )
    (again / "objects").symlink_to(home / "objects")
    assert firmware(HELLO, again).elf.read_bytes() == alone.elf.read_bytes()
    assert len(list((home / "objects").iterdir())) == 3 + 2, "another cache has other keys"
    assert [("_COMPILER__" in text, "_LINKER__" in text) for text in rules] == [(False, True)]
    assert shared.elf.read_bytes() == alone.elf.read_bytes()
    assert shared.compile_flags == alone.compile_flags
    assert simulate(shared, (sample,)).outputs == ((hello_output(sample),),)


@pytest.mark.spike
def test_a_stored_object_file_is_what_gets_linked_until_it_is_damaged(tmp_path: Path) -> None:
    home = tmp_path / "cache"
    expected = firmware(HELLO, home).sha256
    shutil.rmtree(home / "firmware")
    stored = sorted((home / "objects").glob("*/object.o"))
    for path in stored:
        path.write_bytes(b"no object file")

    assert firmware(HELLO, home).sha256 == expected
    assert sorted((home / "objects").glob("*/object.o")) == stored
    assert {path.read_bytes()[:4] for path in stored} == {b"\x7fELF"}


@pytest.mark.spike
def test_a_header_that_hides_one_of_the_compilers_is_seen(tmp_path: Path) -> None:
    """A public folder of a user comes before the compiler's headers for every component."""
    home, folder = tmp_path / "cache", tmp_path / "public"
    folder.mkdir()
    (folder / "unused.h").write_text("")
    public = Component("public", sources=(folder / "unused.h",), headers=(folder,), public=True)
    components = (Component("model", texts={"model.c": HELLO}), public)
    before = firmware(components, home)
    stored = len(list((home / "objects").iterdir()))
    (folder / "stdint.h").write_text("#include_next <stdint.h>\n#define static\n")
    after = firmware(components, home)
    alone = firmware(tuple(replace(each) for each in components), tmp_path / "alone")

    assert len(list((home / "objects").iterdir())) > stored
    assert after.sha256 == alone.sha256
    assert after.sha256 != before.sha256
