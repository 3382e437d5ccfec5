"""ISA strings."""

from __future__ import annotations

import pytest

from pytest_mlbench.errors import UserMistake
from pytest_mlbench.firmware import isa


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
def test_the_abi_follows_from_the_isa(text, abi):
    assert isa.abi(text) == abi


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("rv32gc", "rv32gc_zicntr"),
        ("rv32gcv_zvl256b", "rv32gcv_zvl256b_zicntr"),
        ("rv32gc_zicntr_zba", "rv32gc_zicntr_zba"),
    ],
)
def test_spike_is_told_of_the_counters(text, spelled):
    assert isa.simulator_isa(text) == spelled


@pytest.mark.parametrize("text", ["", "rv16i", "riscv", "rv32", "rv32gc_", "rv32gc zba", "RV32GC"])
def test_what_is_no_isa_string_is_refused(text):
    with pytest.raises(UserMistake, match="not an ISA string"):
        isa.parse(text)


def test_unknown_letters_and_bases_are_refused():
    with pytest.raises(UserMistake, match="unknown extension 'y'"):
        isa.parse("rv32iy")
    with pytest.raises(UserMistake, match="the base has to be i"):
        isa.parse("rv32emc")


def test_only_64_bit_code_needs_a_code_model():
    assert isa.code_model("rv32gc") == ()
    assert isa.code_model("rv64gc") == ("-mcmodel=medany",)
