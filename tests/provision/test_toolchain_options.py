"""What a GCC is told of an ISA: to compile, to assemble and to link."""

from __future__ import annotations

import pytest

from pytest_mlbench.isa import Isa
from pytest_mlbench.provision import toolchain


@pytest.mark.parametrize(
    ("given", "scalar", "assembler", "base"),
    [
        ("rv32gc", "rv32gc", "rv32gc", "rv32gc"),
        ("rv32gcv", "rv32gc", "rv32gcv", "rv32gc"),
        ("rv32gcv_zicntr_zvl128b", "rv32gc", "rv32gcv", "rv32gc"),
        ("rv32imac_zba_zbb", "rv32imac_zba_zbb", "rv32imac_zba_zbb", "rv32imac"),
        ("rv32imc_zve32x", "rv32imc", "rv32imc_zve32x", "rv32imc"),
        ("rv64gc_zicsr", "rv64gc_zicsr", "rv64gc_zicsr", "rv64gc"),
    ],
)
def test_isa_strings(given: str, scalar: str, assembler: str, base: str) -> None:
    isa = Isa.parse(given)
    assert str(isa.compiler) == scalar
    assert str(isa.assembler) == assembler
    assert str(isa.linker) == base


def test_options_for_vector_code() -> None:
    one = toolchain.Toolchain("/x/riscv-", "14", "gcc 14", "newlib", specs=("--specs=nano.specs",))
    options = ("-mabi=ilp32d", "--specs=nano.specs")
    name = "rv32gcv_zba_zvl256b"
    assert one.compile_options(name, "ilp32d") == ("-march=rv32gc_zba", *options)
    assert one.assemble_options(name, "ilp32d") == ("-march=rv32gcv_zba", *options)
    assert one.link_options(name, "ilp32d") == ("-march=rv32gc", *options)
