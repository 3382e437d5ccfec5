"""No firmware is older than the files it was made from, whether a component names them or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bare_metal import HELLO, firmware, model, simulate

from pytest_mlbench import process
from pytest_mlbench.errors import BuildFailed
from pytest_mlbench.firmware import cmake, inputs, steady
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.provision.cache import Cache

DEPS = """\
CMakeFiles/component_mine.dir/mine.c.obj: #deps 2, deps mtime 17 (VALID)
    ../src/model.c
    /elsewhere/common/util.h

"""
CALLS = model(
    "out0[0] = mine(in0[0]); return 0;",
    before="#include <stdint.h>\nuint8_t mine(uint8_t value);",
    inputs=(4,),
    outputs=(4,),
)
MINE = '#include <stdint.h>\n#include "{}"\nuint8_t mine(uint8_t value) {{ return value + ADD; }}\n'


def test_what_ninja_says() -> None:
    assert inputs.parse(DEPS, Path("/b")) == {
        "CMakeFiles/component_mine.dir/mine.c.obj": {
            Path("/b/../src/model.c"),
            Path("/elsewhere/common/util.h"),
        }
    }


def test_only_files_that_nothing_accounts_for_are_beyond_the_key(tmp_path: Path) -> None:
    own, beside, named, build = (tmp_path / name for name in ("own", "own", "named", "build"))
    component = Component("mine", sources=(own / "mine.c",), headers=(named,))
    read = [own / "mine.c", beside / "mine.h", named / "deep/x.h", build / "generated.h"]
    assert inputs.beyond(read, [component], [build]) == []
    others = [tmp_path / "common/util.h", own / "part.c", own / "deep/y.h", named / "table.txt"]
    assert inputs.beyond([*read, *others], [component], [build]) == sorted(others)


@pytest.mark.parametrize("root", ["/home/me", "/usr", "/opt/riscv"])
def test_only_its_own_headers_are_a_compilers(root: str) -> None:
    folders = inputs.of_compiler(Path(root, "bin/riscv64-unknown-elf-gcc"))
    own = [
        Path(root, "lib/gcc/riscv64-unknown-elf/12.2.0/include/stdint.h"),
        Path(root, "lib/picolibc/riscv64-unknown-elf/include/math.h"),
        Path(root, "riscv64-unknown-elf/include/math.h"),
    ]
    users = [Path(root, "lib/mine/x.h"), Path(root, "src/app/common/util.h")]
    assert inputs.beyond([*own, *users], [], folders) == users


def test_files_beyond_the_key_are_compared_at_their_own_place(tmp_path: Path) -> None:
    util = tmp_path / "util.h"
    util.write_text("1")
    here, there = (Component("mine", sources=(tmp_path / name / "mine.c",)) for name in "ab")
    assert inputs.unchanged(inputs.facts([], [here]), [there])
    kept = inputs.facts([util], [here])
    assert inputs.unchanged(kept, [here])
    assert not inputs.unchanged(kept, [there])
    util.write_text("2")
    assert not inputs.unchanged(kept, [here])
    util.unlink()
    assert not inputs.unchanged(kept, [here])


@pytest.mark.spike
@pytest.mark.parametrize("shared", [False, True], ids=["", "shared"])
def test_a_changed_file_that_is_only_included_is_seen(tmp_path: Path, *, shared: bool) -> None:
    """Beside the source, beside its folder, and a source itself: ADD0 to ADD2."""
    source = tmp_path / "mine/mine.c"
    included = [source.parent / name for name in ("util.h", "../common/util.h", "part.c")]
    source.parent.mkdir()
    (tmp_path / "common").mkdir()
    lines = [f'#include "{path.relative_to(source.parent)}"' for path in included]
    source.write_text(
        "#include <stdint.h>\n"
        + "\n".join(lines)
        + "\nuint8_t mine(uint8_t value) { return value + ADD0 + ADD1 + ADD2; }\n"
    )
    component = Component("mine", sources=(source,), shared=shared)

    def output() -> int:
        built = firmware(
            (Component("model", texts={"model.c": CALLS}), component), tmp_path / "cache"
        )
        return simulate(built, [bytes(4)]).outputs[0][0][0]

    for number, path in enumerate(included):
        path.write_text(f"#define ADD{number} 1\n")
    assert output() == output() == 3
    for number, path in enumerate(included):
        path.write_text(f"#define ADD{number} 5\n")
        assert output() == 3 + 4 * (number + 1), f"a changed {path} is not seen"


@pytest.mark.spike
def test_a_link_to_another_folder_is_seen(tmp_path: Path) -> None:
    """Of a folder among the headers, and of one that only a source names."""
    source = tmp_path / "mine/mine.c"
    source.parent.mkdir()
    source.write_text(
        '#include <stdint.h>\n#include "board/one.h"\n#include "../board/two.h"\n'
        "uint8_t mine(uint8_t value) { return value + ADD1 + ADD2; }\n"
    )
    component = Component("mine", sources=(source,), headers=(source.parent,))
    for number in (5, 6):
        board = tmp_path / f"boards/{number}"
        board.mkdir(parents=True)
        (board / "one.h").write_text(f"#define ADD1 {number}\n")
        (board / "two.h").write_text(f"#define ADD2 {number * 10}\n")

    def output(one: int, two: int) -> int:
        for link, number in ((source.parent / "board", one), (tmp_path / "board", two)):
            link.unlink(missing_ok=True)
            link.symlink_to(tmp_path / f"boards/{number}")
        built = firmware(
            (Component("model", texts={"model.c": CALLS}), component), tmp_path / "cache"
        )
        return simulate(built, [bytes(4)]).outputs[0][0][0]

    assert [output(5, 5), output(6, 5), output(6, 6)] == [55, 56, 66]


@pytest.mark.spike
@pytest.mark.parametrize(
    ("name", "shared"), [("mine/mine.h", False), ("common/mine.h", False), ("mine/mine.h", True)]
)
def test_what_changes_during_its_build_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, shared: bool
) -> None:
    source, header = tmp_path / "mine/mine.c", tmp_path / name
    for path in (source, header):
        path.parent.mkdir(exist_ok=True)
    source.write_text(MINE.format(f"../{name}"))
    header.write_text("#define ADD 5\n")
    component = Component("mine", sources=(source,), shared=shared)
    build = cmake.CMake.run

    def output() -> bytes:
        built = firmware(
            (Component("model", texts={"model.c": CALLS}), component), tmp_path / "cache"
        )
        return simulate(built, [bytes(4)]).outputs[0][0][:1]

    def save_before(self: cmake.CMake) -> process.Finished:
        header.write_text("#define ADD 6\n")
        return build(self)

    def save_after(self: cmake.CMake) -> process.Finished:
        done = build(self)
        header.write_text("#define ADD 7\n")
        return done

    monkeypatch.setattr(cmake.CMake, "run", save_before)
    assert output() == b"\6"
    header.write_text("#define ADD 5\n")
    monkeypatch.setattr(cmake.CMake, "run", save_after)
    assert output() == b"\7"
    header.write_text("#define ADD 5\n")
    monkeypatch.setattr(cmake.CMake, "run", build)
    assert output() == b"\5"


@pytest.mark.spike
def test_compilers_put_their_temporary_files_into_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed GCC leaves them behind; what is left of a build, a later run removes."""
    seen = []
    run = process.run

    def watch(command: list[str | Path], **options: Any) -> process.Finished:
        seen.append((command, options["env"]["TMPDIR"]))
        return run(command, **options)

    monkeypatch.setattr(cmake.process, "run", watch)
    firmware(HELLO, tmp_path / "cache", alone=True)
    assert len(seen) >= 3
    for command, folder in seen:
        assert Path(folder) in [Path(word) for word in command]
        assert ".partial" in folder


def test_a_source_that_never_rests_is_refused(tmp_path: Path) -> None:
    keys = iter("abcdefghijklmnop")

    def fill(folder: Path, key: str) -> dict[str, str]:
        return {}

    with pytest.raises(BuildFailed, match="mine: its sources changed during each of 5 builds"):
        steady.entry(
            Cache(tmp_path), "firmware", lambda: next(keys), fill, current=bool, name="mine"
        )
    assert not list((tmp_path / "firmware").iterdir())
