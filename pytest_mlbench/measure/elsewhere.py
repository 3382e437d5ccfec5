"""Names that people bring from elsewhere, answered by what they are. Pure.

A backend's name given as a feature, a simulator's given as a backend, and the names of MLonMCU's
parts: a nearest match would be no answer to these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OPTION = {
    "model": "--mlbench-model",
    "backend": "--mlbench-backend",
    "feature": "--mlbench-features",
    "target": "--mlbench-target",
}

_TVM = (
    "is TVM's, which is not built in",
    "Compare with --mlbench-backend aot: C ahead of time, too",
)
_SIMULATOR = (
    "is a simulator that is not built in",
    (
        "Firmware runs on --mlbench-target spike; another one is a small class of your own "
        "(docs/target.md)"
    ),
)
MLONMCU: Mapping[str, tuple[str, str]] = {
    "tflmc": (
        (
            "is not built in: that compiler stands still since 2022 and learns the memory layout "
            "on a machine with longer pointers (docs/tflmc.md)"
        ),
        "--mlbench-backend aot with the same kernel library is the row to compare",
    ),
    "mlif": (
        "is MLonMCU's way to build firmware, which is always built in the same way here",
        "Leave it out; its mlif.optimize is --mlbench-optimize",
    ),
    **dict.fromkeys(("tvmaot", "tvmaotplus", "tvmrt", "tvmcg", "tvmllvm", "tvm"), _TVM),
    **dict.fromkeys(
        ("etiss", "etiss_pulpino", "ovpsim", "riscvovpsim", "riscvovpsimplus", "corev_ovpsim"),
        _SIMULATOR,
    ),
    **dict.fromkeys(("gvsoc_pulp", "vicuna", "riscv_qemu", "spike_rv32", "spike_rv64"), _SIMULATOR),
    "spike_pk": _SIMULATOR,
}
"""Name -> what it is, and what to do instead."""


def refusal(
    kind: str, name: str, known: Mapping[str, Iterable[str]], *, where: str = ""
) -> UsageError:
    """The refusal of a `kind` ('backend') that is not registered; `known` are the names of each
    kind."""
    told = MLONMCU.get(name.lower())
    if told is not None:
        return UsageError(f"{name!r} {told[0]}", where=where, remedy=told[1])
    for other, names in known.items():
        if other != kind and name in set(names):
            return UsageError(
                f"{name!r} is a {other}, not a {kind}",
                where=where,
                remedy=f"Write {OPTION[other]} {name}" + _with(kind, other),
            )
    return unknown(kind, name, known[kind], where=where)


def _with(kind: str, other: str) -> str:
    """A kernel library needs a backend to be built with."""
    both = kind == "backend" and other == "feature"
    return ", with --mlbench-backend tflmi or aot" if both else ""
