"""Seeds that are put into one firmware: building one for each takes three times as long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seeds import SEEDS, Seed

from pytest_mlbench.testing.profiles import THOROUGH

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.firmware.components import Component

GROUPS = (
    "nop in conv2d",
    "nop in depthwise, nop in average pool, nop in fully connected, nop in softmax",
    "nop in conv2d's loop, nop in depthwise's loop, nop in fully connected's loop",
    "nop in invoke, nops in start-up, a byte of rodata in a kernel, a byte of rodata in the model",
    "initialised data, zeroed data, a bigger arena",
    "stack in conv2d, stack in invoke, a function more",
    "kernels not inlined, model without tail calls",
    "loops unrolled, calls not relaxed",
    "one channel and one layer more, another library version",
    "one other weight",
)
"""Names of seeds. The gate lists the five symbols that grew most, so that no group has more."""


def together(seeds: tuple[Seed, ...]) -> Seed:
    """One firmware with all of these changes: the gate has to name each of them."""

    def patch(component: Component, folder: Path) -> Component:
        for seed in seeds:
            component = seed.patch(component, folder) if seed.patch else component
        return component

    (state,) = {seed.state for seed in seeds}
    return Seed(
        name=", ".join(seed.name for seed in seeds),
        expect=tuple(text for seed in seeds for text in seed.expect),
        state=state,
        patch=patch,
        model=next((seed.model for seed in seeds if seed.model), None),
        library=next((seed.library for seed in seeds if seed.library), ""),
    )


def groups() -> list[Seed]:
    """Seeds that change different things, in one firmware; in a thorough run, each alone."""
    if THOROUGH:
        return list(SEEDS)
    named = {seed.name: seed for seed in SEEDS}
    rows = [[name.strip() for name in row.split(",")] for row in GROUPS]
    found = [together(tuple(named.pop(name) for name in row)) for row in rows]
    assert not named, f"in no group: {sorted(named)}"
    return found
