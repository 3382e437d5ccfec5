"""Writes a flattened device tree for Spike, so that Spike does not need the program `dtc`.

With `--dtb`, Spike takes the hart's ISA from the tree, not from `--isa`, so there is one tree per
ISA string. The nodes and properties are those that Spike reads (its `fdt_parse_*` functions: cpus,
isa, PMP, CLINT). The format is defined in the Devicetree Specification 0.4, chapter 5.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAGIC = 0xD00DFEED
_BEGIN_NODE, _END_NODE, _PROP, _END = 1, 2, 3, 9

Value = Union[str, int, tuple[int, ...], None]  # noqa: UP007
"""A string, one or several 32-bit cells, or None for an empty property."""


@dataclass(frozen=True)
class Node:
    """A node of the tree: name with unit address, properties, and children in order."""

    name: str
    properties: Mapping[str, Value] = field(default_factory=dict)
    children: tuple[Node, ...] = ()


def flatten(root: Node) -> bytes:
    """The tree as a binary of version 17, without memory reservations."""
    strings: dict[str, int] = {}
    body = _node(root, strings) + struct.pack(">I", _END)
    names = b"".join(name.encode() + b"\0" for name in strings)
    reservations = bytes(16)
    at_body = 40 + len(reservations)
    at_names = at_body + len(body)
    total = at_names + len(names)
    header = struct.pack(
        ">10I", _MAGIC, total, at_body, at_names, 40, 17, 16, 0, len(names), len(body)
    )
    return header + reservations + body + names


def spike_tree(isa: str) -> Node:
    """One hart with this ISA string, a CLINT and HTIF. A serial port would consume our input."""
    interrupts = Node(
        "interrupt-controller",
        {
            "#address-cells": 2,
            "#interrupt-cells": 1,
            "interrupt-controller": None,
            "compatible": "riscv,cpu-intc",
            "phandle": 1,
        },
    )
    cpu = Node(
        "cpu@0",
        {
            "device_type": "cpu",
            "reg": 0,
            "status": "okay",
            "compatible": "riscv",
            "riscv,isa": isa,
            "mmu-type": "riscv,sv32" if isa.startswith("rv32") else "riscv,sv57",
            "riscv,pmpregions": 16,
            "riscv,pmpgranularity": 4,
            "clock-frequency": 1_000_000_000,
        },
        (interrupts,),
    )
    cpus = Node(
        "cpus",
        {"#address-cells": 1, "#size-cells": 0, "timebase-frequency": 10_000_000},
        (cpu,),
    )
    memory = Node("memory@80000000", {"device_type": "memory", "reg": (0, 0x80000000, 0, 1 << 30)})
    clint = Node(
        "clint@2000000",
        {
            "compatible": "riscv,clint0",
            "interrupts-extended": (1, 3, 1, 7),
            "reg": (0, 0x2000000, 0, 0xC0000),
        },
    )
    soc = Node(
        "soc",
        {"#address-cells": 2, "#size-cells": 2, "compatible": "simple-bus", "ranges": None},
        (clint,),
    )
    htif = Node("htif", {"compatible": "ucb,htif0"})
    top: dict[str, Value] = {
        "#address-cells": 2,
        "#size-cells": 2,
        "compatible": "ucbbar,spike-bare-dev",
        "model": "ucbbar,spike-bare",
    }
    return Node("", top, (cpus, memory, soc, htif))


def _node(node: Node, strings: dict[str, int]) -> bytes:
    components = [struct.pack(">I", _BEGIN_NODE), _padded(node.name.encode() + b"\0")]
    for name, value in node.properties.items():
        if name not in strings:
            strings[name] = sum(len(known.encode()) + 1 for known in strings)
        data = _value(value)
        components += [struct.pack(">III", _PROP, len(data), strings[name]), _padded(data)]
    components += [_node(child, strings) for child in node.children]
    return b"".join([*components, struct.pack(">I", _END_NODE)])


def _value(value: Value) -> bytes:
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode() + b"\0"
    cells = (value,) if isinstance(value, int) else value
    return struct.pack(f">{len(cells)}I", *cells)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
