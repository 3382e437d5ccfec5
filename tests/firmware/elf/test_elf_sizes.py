"""Section sizes, symbols and components of real firmware, against the toolchain's own tools."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from bare_metal import HELLO, firmware, model, toolchain

from pytest_mlbench import process
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.firmware.elf import linkmap, locate, sections, symbols

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.spike

MIXED = Component(
    "model",
    texts={
        "model.c": model(
            """
            for (int i = 0; i < 4; ++i) memcpy(out0 + i, table + in0[i] % 7 * odd, 1);
            out0[0] ^= (uint8_t)texts[in0[1] % 3][in0[2] % 4];
            return (int32_t)(made / (in0[3] + 1ull)) == 7;""",
            before="""
            #include <string.h>
            static const uint8_t table[99] = {1, 2, 3};
            static volatile uint8_t odd = 3;
            static volatile uint64_t made;
            static const char *volatile texts[3] = {"abc", "defg", "abc"};
            static volatile uint8_t bytes[13];
            __attribute__((constructor)) static void make(void) { made = 99 + bytes[3]; }""",
        )
    },
)


@pytest.fixture(
    scope="module",
    params=[("rv32gc", "s"), ("rv32gc", "3"), ("rv32imac", "0"), ("rv64gc", "2")],
    ids="-O".join,
)
def built(request, home):
    isa, optimize = request.param
    return firmware((MIXED,), home, isa=isa, optimize=optimize)


def tool(name: str, *arguments: str | Path) -> str:
    done = process.run([toolchain().tool(name), *arguments], timeout=60)
    assert done.returncode == 0, done.error_text
    return done.text


def test_sizes_agree_with_size(built):
    rows = {
        name: int(size)
        for name, size, address in re.findall(
            r"^(\.\S+)\s+(\d+)\s+(\d+)$", tool("size", "-A", built.elf), re.MULTILINE
        )
        if int(address)
    }
    sizes = sections.sizes(built.elf)

    assert sizes["rom_code"] == rows.pop(".text")
    assert sizes["rom_rodata"] == rows.pop(".rodata")
    assert sizes["rom_misc"] == rows.pop(".init_array") > 0
    assert sizes["ram_data"] == rows.pop(".data") + rows.pop(".tdata", 0)
    assert sizes["ram_bss"] == rows.pop(".bss")
    assert not any(rows.values())
    assert sizes["rom_total"] == sizes["rom_code"] + sizes["rom_rodata"] + sizes["rom_misc"]
    assert sizes["ram_total"] == sizes["ram_data"] + sizes["ram_bss"]
    assert sections.read(built.elf).by_flags == ()


def test_the_flash_image_is_what_objcopy_makes(built, tmp_path):
    image = tmp_path / "image.bin"
    tool("objcopy", "-O", "binary", built.elf, image)

    sizes = sections.sizes(built.elf)

    assert sizes["flash_image"] == image.stat().st_size
    assert sizes["flash_image"] >= sizes["rom_total"] + sizes["ram_data"]


def test_every_byte_of_every_section_has_a_row(built):
    rows = symbols.read(built.elf, built.map_file, built.component_of)

    found: dict[str, int] = {}
    for row in rows:
        found[row.section] = found.get(row.section, 0) + row.size
    assert found == {row.name: row.size for row in sections.read(built.elf).rows}
    sizes = sections.sizes(built.elf)
    by_component = symbols.components(rows)
    assert sum(row["rom"] for row in by_component.values()) == sizes["rom_total"]
    assert sum(row["ram"] for row in by_component.values()) == sizes["ram_total"]


def test_symbols_have_their_component_and_size(built):
    rows = {row.name: row for row in symbols.read(built.elf, built.map_file, built.component_of)}
    listed = {
        name: int(size, 16)
        for size, name in re.findall(
            r"^\w+ (\w+) \w (\w+)$", tool("nm", "-S", built.elf), re.MULTILINE
        )
    }

    assert rows["mlbench_invoke"].component == "model"
    assert rows["table"].metric == "rom_rodata"
    assert rows["table"].size == listed["table"] == 99
    assert rows["mlbench_region"].component == "runtime"
    assert rows["bytes"].metric == "ram_bss"
    for name in ("mlbench_invoke", "main", "mlbench_region", "in0"):
        assert rows[name].size == listed[name]
    if "memcpy" in rows:
        assert rows["memcpy"].component == "libc"
    division = {"__udivdi3"} & set(rows)
    assert {rows[name].component for name in division} <= {"libgcc"}


def test_components_are_the_parts_and_what_the_toolchain_added(built):
    rows = symbols.read(built.elf, built.map_file, built.component_of)
    names = set(symbols.components(rows))

    assert {"model", "runtime"} <= names <= {"model", "runtime", "libc", "libgcc", "padding"}


def test_addresses_are_named(built):
    address = int(
        re.search(r"^(\w+) \w mlbench_invoke$", tool("nm", built.elf), re.MULTILINE)[1], 16
    )
    line = r" \(model\.c:\d+\)"
    assert re.fullmatch("mlbench_invoke" + line, locate.locate(built.elf, address))
    assert re.fullmatch(r"mlbench_invoke\+0x6" + line, locate.locate(built.elf, address + 6))
    assert locate.locate(built.elf, 0x1000) == ""


def test_the_map_is_read_whole(built):
    pieces = linkmap.pieces(built.map_file.read_text())

    assert {piece.archive for piece in pieces} >= {"libmodel.a", "libruntime.a"}
    assert all(piece.size for piece in pieces)


def test_one_more_byte_is_seen(home):
    before = firmware(HELLO, home)
    after = firmware(HELLO.replace("weights[16] = {", "weights[17] = {"), home)

    rows = [
        {row.name: row.size for row in symbols.read(b.elf, b.map_file, b.component_of)}
        for b in (before, after)
    ]
    assert rows[1]["weights"] == rows[0]["weights"] + 1
