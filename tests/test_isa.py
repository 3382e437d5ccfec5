"""ISA strings: one parser, and what each tool is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench.errors import UsageError
from pytest_mlbench.isa import Isa

_NAMES = ("zba", "zbb", "zicntr", "zihpm", "zvl128b", "zvl256b", "zvl1024b", "xcvmem")


@st.composite
def isas(draw: st.DrawFn) -> Isa:
    """Any ISA that can be asked for, letters in the manual's order."""
    letters = "".join(letter for letter in "mafdqcbvh" if draw(st.booleans()))
    base = draw(st.sampled_from(["i", "g"]))
    if base == "g":
        letters = letters.translate({ord(letter): None for letter in "mafd"})
    names = draw(st.lists(st.sampled_from(_NAMES), unique=True))
    return Isa(draw(st.sampled_from([32, 64])), base + letters, tuple(sorted(names)))


@given(isas())
def test_what_is_written_is_read_back(isa: Isa) -> None:
    assert Isa.parse(str(isa)) == isa


@given(isas(), st.lists(st.sampled_from(["v", "d", "m", "zba", "zvl256b"])))
def test_extensions_are_added_once_and_in_one_order(isa: Isa, added: list[str]) -> None:
    once = isa.with_extensions(added)
    assert all(once.has(extension) for extension in added)
    assert once.with_extensions(reversed(added)) == once
    assert isa.with_extensions(reversed(added)) == once
    ranks = ["iegmafdqcbvh".index(letter) for letter in once.letters]
    assert ranks == sorted(ranks)
    assert Isa.parse(str(once)) == once


@given(isas())
def test_every_spelling_is_an_isa_string(isa: Isa) -> None:
    for spelling in (isa.compiler, isa.assembler, isa.linker, isa.simulator):
        assert Isa.parse(str(spelling)) == spelling
        assert spelling.xlen == isa.xlen
        assert spelling.abi == isa.abi
    assert not isa.compiler.has("v")
    assert isa.simulator.has("zicntr")


@given(isas(), st.sampled_from([128, 256, 512, 1024]))
def test_a_vector_length_is_given_once(isa: Isa, bits: int) -> None:
    isa = isa.with_extensions("v")
    named = any(name.startswith("zvl") for name in isa.names)
    if named and isa.vlen != bits:
        with pytest.raises(UsageError, match=f"names the vector length {isa.vlen}"):
            isa.with_vlen(bits)
    else:
        assert isa.with_vlen(bits).vlen == bits


@pytest.mark.parametrize(
    ("text", "vlen"),
    [
        ("rv32gc", 0),
        ("rv32gc_zvl256b", 0),
        ("rv32gcv", 128),
        ("rv32gcv_zvl64b", 128),
        ("rv32gcv_zvl256b", 256),
        ("rv32gcvzvl256b", 256),
        ("rv64gcv_zvl128b_zvl512b", 512),
    ],
)
def test_the_vector_length(text: str, vlen: int) -> None:
    assert Isa.parse(text).vlen == vlen


def test_a_name_may_follow_the_letters_without_an_underscore() -> None:
    assert Isa.parse("rv32gczba_zbb") == Isa(32, "gc", ("zba", "zbb"))


@pytest.mark.parametrize(
    ("text", "abi"),
    [
        ("rv32gc", "ilp32d"),
        ("rv32gcv_zvl256b", "ilp32d"),
        ("rv32imac", "ilp32"),
        ("rv32imc", "ilp32"),
        ("rv32imafc", "ilp32f"),
        ("rv64gc", "lp64d"),
        ("rv64imac_zba_zbb", "lp64"),
    ],
)
def test_the_abi_follows_from_the_isa(text: str, abi: str) -> None:
    assert Isa.parse(text).abi == abi


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("rv32gc", "rv32gc_zicntr"),
        ("rv32gcv_zvl256b", "rv32gcv_zvl256b_zicntr"),
        ("rv32gc_zicntr_zba", "rv32gc_zicntr_zba"),
    ],
)
def test_a_simulator_is_told_of_the_counters(text: str, spelled: str) -> None:
    assert str(Isa.parse(text).simulator) == spelled


@pytest.mark.parametrize("text", ["", "rv16i", "riscv", "rv32", "rv32gc_", "rv32gc zba", "RV32GC"])
def test_what_is_no_isa_string_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not an ISA string"):
        Isa.parse(text)


def test_unknown_letters_and_bases_are_refused() -> None:
    with pytest.raises(UsageError, match="unknown extension 'y'"):
        Isa.parse("rv32iy")
    with pytest.raises(UsageError, match="the base must be i"):
        Isa.parse("rv32emc")


def test_only_64_bit_code_needs_a_code_model() -> None:
    assert Isa.parse("rv32gc").code_model == ()
    assert Isa.parse("rv64gc").code_model == ("-mcmodel=medany",)
