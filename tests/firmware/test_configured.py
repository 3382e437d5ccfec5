"""Configured projects: CMake runs once for equal projects, in whatever folder they are."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bare_metal import HELLO, model
from bare_metal import firmware as build

from pytest_mlbench import process
from pytest_mlbench.firmware import cmake, project
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.firmware.configured import Configured
from pytest_mlbench.provision.cache import Cache

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = "add_library(a STATIC {folder}/src/a.c)\n"
COMPILERS = cmake.Compilers(*map(Path, ("/gcc", "/g++", "/ar", "/ranlib")), version="12.2")
UNIT = project.Unit(
    *("a", "component_a", "a", "components/a", ""),
    sources=("/a.c",),
    headers=(),
    defines=(),
    options=(),
    march="",
    assembly=(),
)


@dataclass(frozen=True)
class FakeCMake(cmake.CMake):
    """Writes its project's text into each file, and says how it ends."""

    returncode: int = 0

    def configure(self) -> process.Finished:
        text = (self.source / "CMakeLists.txt").read_text()
        (self.build / "CMakeFiles").mkdir()
        for name in ("build.ninja", "CMakeFiles/rules.ninja", "compile_commands.json"):
            (self.build / name).write_text(f"{name}: {text}")
        return process.Finished(("cmake",), self.returncode, b"", b"")

    def artifacts(self) -> list[cmake.Artifact]:
        return [cmake.Artifact("a", "STATIC_LIBRARY", self.build / "liba.a")]


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., bool]:
    """Configures a project in a new folder. Was CMake needed? What is there then is checked."""
    folders = iter(range(100))

    def run(
        text: str = TEXT,
        *,
        home: str = "home",
        unit: project.Unit = UNIT,
        compilers: cmake.Compilers = COMPILERS,
        version: str = "4",
        returncode: int = 0,
    ) -> bool:
        folder = tmp_path / home / "firmware" / f"entry{next(folders)}"
        source, built = folder / "src", folder / "build"
        for path in (source, built):
            path.mkdir(parents=True)
        text = text.format(folder=folder, home=tmp_path / home)
        (source / "CMakeLists.txt").write_text(text)
        fake = FakeCMake(Path("/cmake"), Path("/ninja"), source, built, compilers, returncode)
        cache = Cache(tmp_path / home)
        (cache.root / "projects").exists() or (cache.root / "projects").symlink_to(projects)
        made = Configured(fake, text, version, (unit,), cache)
        done = made.configure()
        if not returncode:
            assert (
                built / "CMakeFiles/rules.ninja"
            ).read_text() == f"CMakeFiles/rules.ninja: {text}"
            assert (built / "build.ninja").read_text() == f"build.ninja: {text}"
            assert made.artifacts == fake.artifacts()
        return done is not None

    projects = tmp_path / "projects"
    projects.mkdir()
    return run


def test_an_equal_project_needs_no_cmake_in_another_folder_and_cache(
    configured: Callable[..., bool],
) -> None:
    assert configured()
    assert not configured()
    assert not configured(home="another/place")
    assert configured(TEXT + "set(A {home}/libraries/a.a)\n")
    assert not configured(TEXT + "set(A {home}/libraries/a.a)\n", home="other")


def test_another_project_setting_or_cmake_needs_it(configured: Callable[..., bool]) -> None:
    assert configured()
    assert configured(TEXT + "# another\n")
    assert configured(compilers=replace(COMPILERS, ar=Path("/other/ar")))
    assert configured(version="5")


@pytest.mark.parametrize(
    "options",
    [
        {"unit": replace(UNIT, cmake="/a/folder")},  # its own CMakeLists.txt may have changed
        {"unit": replace(UNIT, sources=("/" + "a" * 500,))},
        {"text": TEXT + "# <build>"},
        {"home": "with space"},
    ],
    ids=["own", "long", "placeholder", "space"],
)
def test_what_might_differ_is_always_configured(
    configured: Callable[..., bool], options: dict[str, object]
) -> None:
    assert configured(**options)
    assert configured(**options)


def test_what_failed_or_was_damaged_is_configured_again(
    configured: Callable[..., bool], tmp_path: Path
) -> None:
    assert configured(returncode=1)
    assert configured()
    (entry,) = tmp_path.glob("projects/*/project.json")
    entry.write_text(entry.read_text().replace("liba.a", "libb.a"))
    assert configured()
    assert not configured()


@pytest.mark.spike
def test_firmware_of_a_known_project_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = Component("helper", texts={"helper.cc": "int helper_is_here;", "empty.h": ""})

    def firmware(text: str, home: str, options: tuple[str, ...] = ("-DX=1",)) -> object:
        part = Component("model", texts={"model.c": text}, options=options)
        built = build((part, helper), tmp_path / home, optimize="3", alone=True)
        database = json.loads(built.compile_commands.read_text())
        return built, [str(row).replace(f"{built.elf.parent}", "") for row in database]

    alone, commands = firmware(HELLO, "alone")
    firmware(model(), "known")
    ran = []
    run = process.run
    monkeypatch.setattr(
        process, "run", lambda command, **options: ran.append(command[0]) or run(command, **options)
    )
    known, again = firmware(HELLO, "known")
    assert {Path(program).name for program in ran} == {"ninja"}
    assert known.elf.read_bytes() == alone.elf.read_bytes()
    assert known.compile_flags == alone.compile_flags
    assert known.component_of == alone.component_of
    assert again == [row.replace("/alone", "/known") for row in commands]
    firmware(HELLO, "known", ("-DX=2",))
    assert "cmake" in {Path(program).name for program in ran}
