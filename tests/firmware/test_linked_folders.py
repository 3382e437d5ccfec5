"""Firmware does not depend on how a folder is named: through links, or with `..` in its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bare_metal import firmware, model

from pytest_mlbench.firmware.components import Component

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.spike


@pytest.mark.parametrize("other", ["link", "elsewhere/../real", "link/../real"])
def test_another_name_of_the_cache_makes_the_same_firmware(
    tmp_path: Path, home: Path, other: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    plain = firmware(model(), home).elf.read_bytes()
    (tmp_path / "real").mkdir()
    assert firmware(model(), tmp_path / other, alone=True).elf.read_bytes() == plain


def test_a_link_inside_the_cache_makes_the_same_firmware(tmp_path: Path, home: Path) -> None:
    """Firmware takes the most space; somebody may have moved it to another disk."""
    plain = firmware(model(), home).elf.read_bytes()
    (tmp_path / "cache").mkdir()
    (tmp_path / "disk").mkdir()
    (tmp_path / "cache" / "firmware").symlink_to(tmp_path / "disk")
    assert firmware(model(), tmp_path / "cache", alone=True).elf.read_bytes() == plain


def test_another_name_of_a_components_folder_makes_the_same_firmware(tmp_path: Path) -> None:
    code, include = tmp_path / "mine" / "code", tmp_path / "mine" / "include"
    code.mkdir(parents=True)
    include.mkdir()
    (include / "helper.h").write_text(
        "const char *where(void);\nstatic inline const char *line(void) { return __FILE__; }\n"
    )
    (code / "helper.c").write_text(
        '#include "helper.h"\nconst char *where(void) { return line() + __FILE__[0]; }\n'
    )
    text = model(setup='extern const char *where(void); return where()[0] == "x"[0];')

    def built(folder: Path, cache: Path) -> bytes:
        helper = Component(
            "helper", sources=(folder / "helper.c",), headers=(folder / "../include",)
        )
        parts = (Component("model", texts={"model.c": text}), helper)
        return firmware(parts, cache).elf.read_bytes()

    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "other").mkdir()
    found = {
        name: built(tmp_path / name, tmp_path / f"cache{number}")
        for number, name in enumerate(("mine/code", "link/code", "other/../mine/code"))
    }
    assert [name for name, elf in found.items() if str(tmp_path).encode() in elf] == []
    assert [name for name, elf in found.items() if elf != found["mine/code"]] == []
