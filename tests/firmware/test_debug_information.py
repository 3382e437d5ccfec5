"""Debug information names lines and costs nothing: the same code, data and cycles without it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bare_metal
import pytest
from bare_metal import HELLO, firmware, model, simulate, toolchain

from pytest_mlbench.errors import SimulationFailed
from pytest_mlbench.firmware import flags
from pytest_mlbench.firmware.elf import sections
from pytest_mlbench.firmware.elf.lines import line_at
from pytest_mlbench.firmware.elf.locate import locate
from pytest_mlbench.firmware.elf.reader import open_elf

pytestmark = pytest.mark.spike


def loaded(elf):
    """The bytes of every section that is in memory, by name."""
    with open_elf(elf) as file:
        return {
            section.name: (section["sh_addr"], section.data())
            for section in file.iter_sections()
            if section["sh_flags"] & 0x2 and section["sh_type"] != "SHT_NOBITS"
        }


def test_code_data_and_cycles_are_the_same_without_it(home, monkeypatch):
    with_it = firmware(HELLO, home, optimize="3")
    monkeypatch.setattr(flags, "DEBUG", ())
    without = firmware(HELLO, home, optimize="3")

    assert with_it.elf != without.elf
    assert b".debug_line" in with_it.elf.read_bytes()
    assert b".debug_line" not in without.elf.read_bytes()
    assert loaded(with_it.elf) == loaded(without.elf)
    assert sections.read(with_it.elf) == sections.read(without.elf)
    samples = (bytes(range(16)),)
    assert simulate(with_it, samples) == simulate(without, samples)


def test_links_to_the_compiler_leave_no_path(tmp_path, home, monkeypatch):
    plain = firmware(HELLO, home)
    (tmp_path / "link").symlink_to(toolchain().gcc.parent.parent)
    prefix = str(tmp_path / "link" / "bin" / Path(toolchain().prefix).name)
    linked = replace(toolchain(), prefix=prefix)
    monkeypatch.setattr(bare_metal, "toolchain", lambda isa: linked)
    built = firmware(HELLO, tmp_path / "linked", alone=True)

    assert built.elf.read_bytes() == plain.elf.read_bytes()


def test_a_trap_names_file_and_line(home):
    body = """
      return 0;"""
    text = model(setup='\n\n  __asm__ volatile("unimp");' + body)
    built = firmware(text, home)
    number = next(n for n, line in enumerate(text.splitlines(), 1) if "unimp" in line)

    with pytest.raises(SimulationFailed) as caught:
        simulate(built)

    assert f"in mlbench_setup (model.c:{number})" in caught.value.what


def test_an_address_in_assembly_has_its_line_and_one_outside_of_the_code_has_none(home):
    built = firmware(HELLO, home)
    with open_elf(built.elf) as file:
        entry = file.header["e_entry"]

    assert line_at(built.elf, entry).startswith("crt0.S:")
    assert locate(built.elf, entry) == f"_start ({line_at(built.elf, entry)})"
    assert line_at(built.elf, 0x10) == ""
