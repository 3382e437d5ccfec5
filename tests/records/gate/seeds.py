"""Small changes to a firmware, each of them real, for the proof that the gate sees every one.

A seed changes what the chain is given (a source file, a generated text, compile options, the
model, a library's version), never a record: the records come from real builds and runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.models.tflite.builder import GraphBuilder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.backends.interface import Generated, GenerateRequest
    from pytest_mlbench.firmware.components import Component

NOP = 'asm volatile("nop");'


def model(*, channels: int = 4, hidden: bool = False, weight: int = 1) -> bytes:
    """A small network of five kinds of operator: 1x6x6x2 -> 1x3."""
    build = GraphBuilder("small")
    q: dict[str, Any] = {"scale": 0.5, "zero_point": 1}
    x = build.input("x", (1, 6, 6, 2), **q)
    filters = (np.arange(channels * 18) % 7 - 3).astype(np.int8).reshape(channels, 3, 3, 2)
    filters[0, 0, 0, 0] = weight
    weights = build.constant("filters", filters, scale=[0.25] * channels)
    shape = (1, 4, 4, channels)
    zeros = np.zeros(channels, np.int32)
    bias = build.constant("bias", zeros, scale=[0.125] * channels)
    convolved = build.op(
        "CONV_2D",
        [x, weights, bias],
        [build.activation("convolved", shape, **q)],
        padding="VALID",
        stride_w=1,
        stride_h=1,
    )
    taps = (np.arange(channels * 9) % 5 - 2).astype(np.int8).reshape(1, 3, 3, channels)
    weights = build.constant("taps", taps, scale=[0.5] * channels, axis=3)
    deep = build.op(
        "DEPTHWISE_CONV_2D",
        [convolved, weights, build.constant("more", zeros, scale=[0.25] * channels)],
        [build.activation("deep", shape, **q)],
        padding="SAME",
        stride_w=1,
        stride_h=1,
        depth_multiplier=1,
    )
    pooled = build.op(
        "AVERAGE_POOL_2D",
        [deep],
        [build.activation("pooled", (1, 1, 1, channels), **q)],
        padding="VALID",
        stride_w=4,
        stride_h=4,
        filter_width=4,
        filter_height=4,
    )
    flat = build.op(
        "RESHAPE",
        [pooled],
        [build.activation("flat", (1, channels), **q)],
        new_shape=(1, channels),
    )
    if hidden:
        square = np.eye(channels, dtype=np.int8)
        weights = build.constant("square", square, scale=0.5)
        flat = build.op(
            "FULLY_CONNECTED",
            [flat, weights, build.constant("bias_2", zeros, scale=0.25)],
            [build.activation("hidden", (1, channels), **q)],
        )
    last = (np.arange(3 * channels) % 3 - 1).astype(np.int8).reshape(3, channels)
    weights = build.constant("last", last, scale=0.5)
    dense = build.op(
        "FULLY_CONNECTED",
        [flat, weights, build.constant("bias_3", np.zeros(3, np.int32), scale=0.25)],
        [build.activation("dense", (1, 3), **q)],
    )
    fixed: dict[str, Any] = {"scale": 1 / 256, "zero_point": -128}
    soft = build.op("SOFTMAX", [dense], [build.activation("soft", (1, 3), **fixed)], beta=1.0)
    return build.model([soft])


@dataclass(frozen=True)
class Seed:
    """One change. `expect` are texts that the gate's sentence or its causes must hold.

    `state` is what the gate must say; `patch` gets every part of the firmware and a folder of its
    own for changed files; `models` and `library` replace the model and the library's version.
    """

    name: str
    expect: tuple[str, ...]
    state: str = "regressed"
    patch: Callable[[Component, Path], Component] | None = None
    model: bytes | None = None
    library: str = ""


class SeededBackend(AotBackend):
    """The real backend; its components go through a seed's patch."""

    def __init__(self, seed: Seed | None, folder: Path) -> None:
        self.seed = seed
        self.folder = folder

    def generate(self, request: GenerateRequest) -> Generated:
        made = super().generate(request)
        seed = self.seed
        if seed and seed.library:
            made = replace(made, libraries={**made.libraries, "reference": seed.library})
        if seed and seed.patch:
            made = replace(
                made,
                components=tuple(
                    seed.patch(component, self.folder) for component in made.components
                ),
            )
        return made


@dataclass(frozen=True)
class SeededTarget(SpikeTarget):
    """The real target; its start-up code goes through a seed's patch."""

    seed: Seed | None = None
    folder: Path = Path()

    def components(self, isa: str) -> tuple[Component, ...]:
        found = super().components(isa)
        if self.seed is None or self.seed.patch is None:
            return found
        return tuple(self.seed.patch(component, self.folder) for component in found)


def source(
    component: str, file: str, change: Callable[[str], str]
) -> Callable[[Component, Path], Component]:
    """Change the text of one source file of a component."""

    def patch(given: Component, folder: Path) -> Component:
        if given.name != component:
            return given
        if file in given.texts:
            text = change(given.texts[file])
            assert text != given.texts[file], f"{file} has not what is to be changed"
            return replace(given, texts={**given.texts, file: text})
        (old,) = (path for path in given.sources if path.name == file)
        text = change(old.read_text())
        assert text != old.read_text(), f"{file} has not what is to be changed"
        new = folder / file
        new.write_text(text)
        for header in old.parent.glob("*.h"):  # that it includes from beside itself
            (folder / header.name).write_bytes(header.read_bytes())
        swapped = tuple(new if path == old else path for path in given.sources)
        return replace(given, sources=swapped)

    return patch


def options(component: str, *more: str) -> Callable[[Component, Path], Component]:
    """Compile one component with further options."""

    def patch(given: Component, folder: Path) -> Component:
        del folder
        if given.name != component:
            return given
        return replace(given, options=(*given.options, *more))

    return patch


def at_entry(function: str, statement: str, before: str = "") -> Callable[[str], str]:
    """`statement` as the first of `function`, `before` in front of the function."""

    def change(text: str) -> str:
        found = re.search(rf"^(?:[a-z_0-9]+ )+{function}\([^)]*\) \{{", text, re.MULTILINE)
        assert found, function
        body = f"{before}\n{found[0]} {statement}" if before else f"{found[0]} {statement}"
        return text[: found.start()] + body + text[found.end() :]

    return change


def in_loop(function: str, statement: str) -> Callable[[str], str]:
    """`statement` as the first of the innermost loop of `function`."""

    def change(text: str) -> str:
        start = re.search(rf"^(?:[a-z_0-9]+ )+{function}\([^)]*\) \{{", text, re.MULTILINE)
        assert start, function
        end = text.index("\n}", start.end())
        loops = list(re.finditer(r"\n( *)for \([^{]*\{", text[start.end() : end]))
        inner = max(loops, key=lambda loop: len(loop[1]))
        place = start.end() + inner.end()
        return f"{text[:place]} {statement}{text[place:]}"

    return change


def kept(declaration: str) -> Callable[[str], str]:
    """Data at the end of a file that the linker must keep, although nothing refers to it."""
    return lambda text: f"{text}\n__attribute__((used, retain)) {declaration}\n"


def _kernel(file: str, change: Callable[[str], str]) -> Callable[[Component, Path], Component]:
    return source("reference", file, change)


_R = "mlbench_reference_"
BIG = "volatile unsigned char seeded[64]; seeded[0] = 0;"
FRAMES = "Stack frames that grew most:"

SEEDS = (
    # One more instruction, once per call: the symbol and the operator are named.
    Seed("nop in conv2d", (f"reference .text {_R}conv2d", "0 CONV_2D"),
         patch=_kernel("conv2d.c", at_entry(f"{_R}conv2d", NOP))),
    Seed("nop in depthwise", (f"reference .text {_R}depthwise_conv2d", "1 DEPTHWISE_CONV_2D"),
         patch=_kernel("depthwise_conv2d.c", at_entry(f"{_R}depthwise_conv2d", NOP))),
    Seed("nop in average pool", (f"reference .text {_R}average_pool2d", "2 AVERAGE_POOL_2D"),
         patch=_kernel("pool2d.c", at_entry(f"{_R}average_pool2d", NOP))),
    Seed("nop in fully connected", (f"reference .text {_R}fully_connected", "4 FULLY_CONNECTED"),
         patch=_kernel("fully_connected.c", at_entry(f"{_R}fully_connected", NOP))),
    Seed("nop in softmax", (f"reference .text {_R}softmax", "5 SOFTMAX"),
         patch=_kernel("softmax.c", at_entry(f"{_R}softmax", NOP))),
    # ... in the innermost loop.
    Seed("nop in conv2d's loop", ("0 CONV_2D",),
         patch=_kernel("conv2d.c", in_loop("window_sum", NOP))),
    Seed("nop in depthwise's loop", ("1 DEPTHWISE_CONV_2D",),
         patch=_kernel("depthwise_conv2d.c", in_loop("window_sum", NOP))),
    Seed("nop in fully connected's loop", ("4 FULLY_CONNECTED",),
         patch=_kernel("fully_connected.c", in_loop(f"{_R}fully_connected", NOP))),
    # ... outside of the kernels: in the generated code and in start-up code.
    Seed("nop in invoke", ("model .text mlbench_invoke",),
         patch=source("model", "model.c", at_entry("mlbench_invoke", NOP))),
    # (Two, for four bytes: two bytes may vanish in what aligns the next function.)
    Seed("nops in start-up", ("runtime .text _start",),
         patch=source("runtime", "crt0.S", lambda text: text.replace(
             "la t0, mlbench_trap", "nop\n  nop\n  la t0, mlbench_trap", 1))),
    # One more byte: constants, initialised and zeroed variables.
    Seed("a byte of rodata in a kernel", ("reference .rodata seeded_byte",),
         patch=_kernel("softmax.c", kept("const unsigned char seeded_byte = 1;"))),
    Seed("a byte of rodata in the model", ("model .rodata seeded_constant",),
         patch=source("model", "model.c", kept("const unsigned char seeded_constant = 1;"))),
    Seed("initialised data", ("reference .data seeded_word",),
         patch=_kernel("conv2d.c", kept("unsigned int seeded_word = 1;"))),
    Seed("zeroed data", ("reference .bss seeded_zeros",),
         patch=_kernel("conv2d.c", kept("unsigned char seeded_zeros[16];"))),
    Seed("a bigger arena", ("model .bss arena",),
         patch=source("model", "model.c", lambda text: re.sub(
             r"(\barena\[)(\d+)(\])", lambda m: f"{m[1]}{int(m[2]) + 16}{m[3]}", text, count=1))),
    # A bigger stack, in a kernel and in the generated code.
    Seed("stack in conv2d", ("Stack Peak was", FRAMES, f"bytes  reference .text {_R}conv2d"),
         patch=_kernel("conv2d.c", at_entry(f"{_R}conv2d", BIG))),
    Seed("stack in invoke", ("Stack Peak was", FRAMES, "bytes  model .text mlbench_invoke"),
         patch=source("model", "model.c", at_entry("mlbench_invoke", BIG))),
    # A function more, called once.
    Seed("a function more", ("reference .text seeded_function",),
         patch=_kernel("softmax.c", at_entry(
             f"{_R}softmax", "seeded_function();",
             f"static __attribute__((noinline)) void seeded_function(void) {{ {NOP} }}"))),
    # Flags.
    Seed("kernels not inlined", ("reference: -march=", "-fno-inline"),
         patch=options("reference", "-fno-inline")),
    Seed("loops unrolled", ("reference: -march=", "-funroll-loops"),
         patch=options("reference", "-funroll-loops")),
    Seed("model without tail calls", ("model: -march=", "-fno-omit-frame-pointer"),
         patch=options("model", "-fno-omit-frame-pointer")),
    Seed("calls not relaxed", ("model: -march=", "-mno-relax"),
         patch=options("model", "-mno-relax")),
    # The model and the library's version: not the same thing any more.
    Seed("one channel and one layer more", ("model was",), "incomparable",
         model=model(channels=5, hidden=True)),
    Seed("one other weight", ("model was",), "incomparable", model=model(weight=2)),
    Seed("another library version", ("library reference was",), "incomparable", library="9.9"),
)  # fmt: skip
