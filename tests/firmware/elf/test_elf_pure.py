"""Classification, attribution and malformed files, without tools."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench.errors import UsageError
from pytest_mlbench.firmware.elf import linkmap, locate, sections, symbols
from pytest_mlbench.firmware.elf.sections import Section, Sections

WRITE, ALLOC, EXEC = 1, 2, 4


def section(name: str, size: int = 8, *, at: int = 0x8000_0000, flags: int = ALLOC, **changes):
    row = {"address": at, "load": at, "align": 4, "stored": True, **changes}
    return Section(name=name, size=size, flags=flags, **row)


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        (".text", "rom_code"),
        (".text.unlikely", "rom_code"),
        (".itcm.text", "rom_code"),
        (".rodata", "rom_rodata"),
        (".srodata.cst8", "rom_rodata"),
        (".init", "rom_misc"),
        (".init_array", "rom_misc"),
        (".init_array.00100", "rom_misc"),
        (".fini_array", "rom_misc"),
        (".preinit_array", "rom_misc"),
        (".eh_frame", "rom_misc"),
        (".eh_frame_hdr", "rom_misc"),
        (".vectors", "rom_misc"),
        (".data", "ram_data"),
        (".sdata", "ram_data"),
        (".tdata", "ram_data"),
        (".bss", "ram_bss"),
        (".sbss", "ram_bss"),
        (".noinit", "ram_bss"),
    ],
)
def test_names_have_the_classes_that_mlonmcu_gives_them(name, metric):
    rows = Sections((section(name, 12),))

    assert rows.sizes()[metric] == 12
    assert rows.sizes()["rom_total"] + rows.sizes()["ram_total"] == 12
    assert rows.by_flags == ()


@pytest.mark.parametrize(
    ("flags", "stored", "metric"),
    [
        (ALLOC | EXEC, True, "rom_code"),
        (ALLOC, True, "rom_misc"),
        (ALLOC | WRITE, True, "ram_data"),
        (ALLOC | WRITE, False, "ram_bss"),
    ],
)
def test_unknown_names_are_classed_by_their_flags_and_listed(flags, stored, metric):
    rows = Sections((section(".ccm", 12, flags=flags, stored=stored),))

    assert rows.sizes()[metric] == 12
    assert rows.by_flags == (".ccm",)


def test_the_flash_image_counts_alignment_but_no_hole():
    rows = Sections(
        (
            section(".text", 10, at=0x1000),
            section(".rodata", 4, at=0x1010, align=16),
            section(".data", 4, at=0x9000, load=0x1014),
            section(".far", 4, at=0x4000, align=4),
            section(".bss", 400, at=0x9004, stored=False),
        )
    )
    assert rows.sizes()["flash_image"] == 10 + 6 + 4 + 4 + 4


# Attribution

NAMES = st.sampled_from(["a", "b", "c", "main"])


@st.composite
def layouts(draw):
    """Sections, input sections and symbols that overlap as they like."""
    rows, at = [], 0x1000
    for number in range(draw(st.integers(1, 3))):
        at += draw(st.integers(0, 9))
        size = draw(st.integers(1, 60))
        rows.append(section(f".data.{number}", size, at=at))
        at += size
    spans = st.tuples(st.integers(0xFF0, at + 16), st.integers(1, 40))
    pieces = sorted(
        (
            linkmap.Piece(draw(NAMES), start, size, draw(st.sampled_from(["liba.a", ""])), "o.obj")
            for start, size in draw(st.lists(spans, max_size=8))
        ),
        key=lambda piece: (piece.address, piece.name),
    )
    starts = dict(draw(st.lists(spans, max_size=10)))
    named = [symbols.Named(start, start + starts[start], draw(NAMES)) for start in sorted(starts)]
    return rows, named, pieces


@given(layouts())
def test_the_rows_of_a_section_add_up_to_it(layout):
    rows, named, pieces = layout

    found = symbols.attribute(rows, named, pieces, {"liba.a": "model"})

    for row in rows:
        assert sum(symbol.size for symbol in found if symbol.section == row.name) == row.size
    assert all(symbol.size > 0 for symbol in found)
    assert [symbol.size for symbol in found] == sorted((s.size for s in found), reverse=True)


def test_bytes_without_a_symbol_stay_with_their_object():
    rows = [section(".rodata", 20, at=0x100)]
    pieces = [linkmap.Piece(".rodata.str", 0x104, 12, "libmodel.a", "m.obj")]
    named = [symbols.Named(0x108, 0x10C, "known")]

    found = symbols.attribute(rows, named, pieces, {"libmodel.a": "model"})

    assert [(row.name, row.component, row.size) for row in found] == [
        ("(.rodata.str of m.obj)", "model", 8),
        ("(padding in .rodata)", "padding", 8),
        ("known", "model", 4),
    ]


# The map

MAP = """\
Discarded input sections

 .text.gone     0x00000000       0x10 libmodel.a(model.c.obj)

Linker script and memory map

LOAD libmodel.a
.text           0x80000000      0x100
 *(.text.*)
 .text.f        0x80000000       0x12 libmodel.a(model.c.obj)
                0x80000000                f
 .text.with_a_very_long_name
                0x80000012       0x20 /opt/x/lib/rv32(odd)/libc.a(libc_memcpy.o)
                                 0x24 (size before relaxing)
 *fill*         0x80000032        0x2 ff
 .text          0x80000034       0x40 CMakeFiles/firmware.dir/empty.c.obj
 .text.none     0x80000074        0x0 libmodel.a(model.c.obj)
 .text          0x0000000080000074        0xc /opt/lib/libgcc.a(_divdi3.o)
OUTPUT(firmware.elf elf32-littleriscv)
"""


def test_a_map_is_read():
    found = [(piece.name, piece.address, piece.size) for piece in linkmap.pieces(MAP)]
    owners = [piece.component({"libmodel.a": "model"}) for piece in linkmap.pieces(MAP)]

    assert found == [
        (".text.f", 0x80000000, 0x12),
        (".text.with_a_very_long_name", 0x80000012, 0x20),
        (".text", 0x80000034, 0x40),
        (".text", 0x80000074, 0xC),
    ]
    assert owners == ["model", "libc", "empty.c.obj", "libgcc"]


# Malformed files


def small_elf() -> bytes:
    """A 32-bit ELF file with .text, .symtab and their string tables."""
    names = b"\0.text\0.symtab\0.strtab\0.shstrtab\0"
    strings = b"\0main\0"
    text = bytes(16)
    table = bytes(16) + struct.pack("<IIIBBH", 1, 0x8000_0000, 16, 0x12, 0, 1)
    at = 52 + 32
    offsets = []
    body = b""
    for data in (text, table, strings, names):
        offsets.append(at + len(body))
        body += data + bytes(-len(data) % 4)
    headers = bytes(40)
    rows = [
        (1, 1, ALLOC | EXEC, 0x8000_0000, offsets[0], len(text), 0, 0, 4, 0),
        (7, 2, 0, 0, offsets[1], len(table), 3, 1, 4, 16),
        (15, 3, 0, 0, offsets[2], len(strings), 0, 0, 1, 0),
        (23, 3, 0, 0, offsets[3], len(names), 0, 0, 1, 0),
    ]
    for row in rows:
        headers += struct.pack("<10I", *row)
    ident = b"\x7fELF\1\1\1" + bytes(9)
    head = ident + struct.pack(
        "<HHIIIIIHHHHHH", 2, 243, 1, 0x8000_0000, 52, at + len(body), 0, 52, 32, 1, 40, 5, 4
    )
    segment = struct.pack("<8I", 1, offsets[0], 0x8000_0000, 0x8000_0000, 16, 16, 5, 4)
    return head + segment + body + headers


def read_all(path, map_file) -> None:
    sections.sizes(path)
    locate.locate(path, 0x8000_0004)
    symbols.read(path, map_file, {})


def test_the_small_file_is_well_formed(tmp_path):
    path, map_file = tmp_path / "a.elf", tmp_path / "a.map"
    path.write_bytes(small_elf())
    map_file.write_text("")

    assert sections.sizes(path)["rom_code"] == 16
    assert locate.locate(path, 0x8000_0004) == "main+0x4"
    read_all(path, map_file)


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
    st.one_of(st.none(), st.integers(0, 400)),
)
def test_a_malformed_file_is_one_clear_error(tmp_path_factory, changes, cut):
    folder = tmp_path_factory.getbasetemp()
    path, map_file = folder / "fuzz.elf", folder / "fuzz.map"
    data = bytearray(small_elf()[:cut])
    for at, value in changes:
        if at < len(data):
            data[at] = value
    path.write_bytes(bytes(data))
    map_file.write_text("")
    with contextlib.suppress(UsageError):
        read_all(path, map_file)


def test_what_is_not_there_or_not_elf_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"gone\.elf: cannot be read"):
        sections.sizes(tmp_path / "gone.elf")
    (tmp_path / "text.elf").write_text("hello")
    with pytest.raises(UsageError, match=r"text\.elf: not a well-formed ELF file"):
        sections.sizes(tmp_path / "text.elf")
