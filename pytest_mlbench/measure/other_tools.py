"""Explains names that users know from other tools or give to the wrong option. Pure.

Examples are a backend's name given as a feature and the names of MLonMCU's parts. For these the
nearest registered name would not help.
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
    "Compare with --mlbench-backend aot, which also generates C ahead of time",
)
_SIMULATOR = (
    "is a simulator that is not built in",
    ("Use --mlbench-target spike, or write a small class for this simulator (docs/target.md)"),
)
MLONMCU: Mapping[str, tuple[str, str]] = {
    "tflmc": (
        (
            "is not built in: that compiler has been unmaintained since 2022, and it computes the "
            "memory layout on a machine with longer pointers (docs/tflmc.md)"
        ),
        "Compare with --mlbench-backend aot and the same kernel library",
    ),
    "mlif": (
        "is MLonMCU's firmware build, of which there is only one here",
        "Leave it out; for mlif.optimize write --mlbench-optimize",
    ),
    **dict.fromkeys(("tvmaot", "tvmaotplus", "tvmrt", "tvmcg", "tvmllvm", "tvm"), _TVM),
    **dict.fromkeys(
        ("etiss", "etiss_pulpino", "ovpsim", "riscvovpsim", "riscvovpsimplus", "corev_ovpsim"),
        _SIMULATOR,
    ),
    **dict.fromkeys(("gvsoc_pulp", "vicuna", "riscv_qemu", "spike_rv32", "spike_rv64"), _SIMULATOR),
    "spike_pk": _SIMULATOR,
}
"""Name -> (what it is, remedy)."""


def refusal(
    kind: str, name: str, known: Mapping[str, Iterable[str]], *, where: str = ""
) -> UsageError:
    """The error for an unknown name of a `kind` ('backend'). `known`: kind -> its names."""
    explanation = MLONMCU.get(name.lower())
    if explanation is not None:
        what, remedy = explanation
        return UsageError(f"{name!r} {what}", where=where, remedy=remedy)
    for other, names in known.items():
        if other != kind and name in set(names):
            return UsageError(
                f"{name!r} is a {other}, not a {kind}",
                where=where,
                remedy=f"Write {OPTION[other]} {name}" + _with(kind, other),
            )
    return unknown(kind, name, known[kind], where=where)


def _with(kind: str, other: str) -> str:
    """Adds the backend that a kernel library needs."""
    both = kind == "backend" and other == "feature"
    return ", with --mlbench-backend tflmi or aot" if both else ""
