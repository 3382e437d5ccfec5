"""The device-tree blob, read back by a reader of its own."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench.firmware.targets.spike import dtb
from pytest_mlbench.firmware.targets.spike.dtb import Node


def unflatten(blob: bytes):
    """(name, {property: bytes}, [children]) by the Devicetree Specification, chapter 5."""
    magic, total, at, names, reserved, version, last, boot, names_size, size = struct.unpack_from(
        ">10I", blob
    )
    assert (magic, version, last, boot) == (0xD00DFEED, 17, 16, 0)
    assert total == len(blob)
    assert reserved % 8 == 0
    assert blob[reserved : reserved + 16] == bytes(16)
    assert names + names_size <= total
    body, position = blob[at : at + size], 0

    def word() -> int:
        nonlocal position
        (value,) = struct.unpack_from(">I", body, position)
        position += 4
        return value

    def aligned(length: int) -> bytes:
        nonlocal position
        data = body[position : position + length]
        position += length + -length % 4
        return data

    def node():
        end = body.index(b"\0", position)
        name = aligned(end - position + 1)[:-1].decode()
        properties, children = {}, []
        while (token := word()) != 2:
            if token == 3:
                length, offset = word(), word()
                key = blob[names + offset :].split(b"\0", 1)[0].decode()
                properties[key] = aligned(length)
            else:
                assert token == 1
                children.append(node())
        return name, properties, children

    assert word() == 1
    tree = node()
    assert word() == 9
    assert position == size
    return tree


NAMES = st.text("abcdefgh,-#@", min_size=1, max_size=9)
VALUES = st.one_of(
    st.none(),
    st.text("abc ,_", max_size=9),
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4).map(tuple),
)
NODES = st.recursive(
    st.builds(Node, NAMES, st.dictionaries(NAMES, VALUES, max_size=4)),
    lambda below: st.builds(
        Node,
        NAMES,
        st.dictionaries(NAMES, VALUES, max_size=4),
        st.lists(below, max_size=3).map(tuple),
    ),
    max_leaves=8,
)


def expected(node: Node):
    def value(given) -> bytes:
        if given is None:
            return b""
        if isinstance(given, str):
            return given.encode() + b"\0"
        cells = given if isinstance(given, tuple) else (given,)
        return b"".join(cell.to_bytes(4, "big") for cell in cells)

    properties = {key: value(data) for key, data in node.properties.items()}
    return node.name, properties, [expected(child) for child in node.children]


@given(NODES)
def test_a_tree_is_read_back(node):
    assert unflatten(dtb.flatten(node)) == expected(node)


def test_spikes_tree_names_the_isa():
    _, _, children = unflatten(dtb.flatten(dtb.spike_tree("rv32gcv_zvl256b_zicntr")))
    cpus = next(child for child in children if child[0] == "cpus")

    assert cpus[2][0][1]["riscv,isa"] == b"rv32gcv_zvl256b_zicntr\0"


def test_the_tree_has_no_serial_port_that_would_read_the_samples():
    assert b"ns16550" not in dtb.flatten(dtb.spike_tree("rv32gc"))
