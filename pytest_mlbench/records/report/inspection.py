"""What `inspect` found, as text and as an HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from pytest_mlbench._version import __version__

from .html_report import environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH = 40
"""Columns of the chart of activation memory."""

_HEADERS = ("#", "operator", "inputs", "outputs", "MACs", "parameters", "runs")
_KERNELS = ("kernel", "predicted")
_RESULTS = ("measured", "off")


def text(found: Mapping[str, Any]) -> str:
    """One model: its verdict first, then operators, memory and obstacles."""
    lines = [f"{found['model']}: {found['verdict']}"]
    lines += [f"with {choices(found)}", ""] if found["features"] or found["config"] else [""]
    if found["operators"]:
        lines += [_operators(found["operators"]) + predicted(found, before="\n")]
    if found["libraries"]:
        lines.append("")
    for name, taken in found["libraries"].items():
        if isinstance(taken, str):
            lines.append(f"{name} cannot be checked: {taken}")
        else:
            count = f"{len(taken)} operator{'' if len(taken) == 1 else 's'}"
            lines.append(f"{name} takes {count}: {_numbers(taken)}" if taken else f"{name}: none")
    if found["arena"]:
        lines += ["", *_memory(found["arena"])]
    if found["problems"] and found["operators"]:
        lines += ["", "Obstacles:", *(f"  {problem}" for problem in found["problems"])]
        lines += [found["remedy"]] if found["remedy"] else []
    return "\n".join(lines).rstrip() + "\n"


def _operators(rows: Sequence[Mapping[str, Any]]) -> str:
    known = any("predicted" in row for row in rows)
    measured = any("measured" in row for row in rows)
    cells = [
        (
            row["index"],
            row["name"],
            ", ".join(row["inputs"]),
            ", ".join(row["outputs"]),
            f"{row['macs']:,}" if row["macs"] else "",
            f"{row['parameters']:,}" if row["parameters"] else "",
            "not covered" if row["problem"] else row["runs"],
            *(_kernel(row) if known else ()),
            *(_measured(row) if measured else ()),
        )
        for row in rows
    ]
    headers = (*_HEADERS, *(_KERNELS if known else ()), *(_RESULTS if measured else ()))
    aligned = ("right", *["left"] * 3, *["right"] * 2, *["left"] * 2, *["right"] * 3)
    return tabulate(
        cells, headers, "simple", disable_numparse=True, colalign=aligned[: len(headers)]
    )


def choices(found: Mapping[str, Any]) -> str:
    """What the model is inspected for."""
    features = f"features {','.join(found['features'])}, " if found["features"] else ""
    config = "".join(f", {key}={value}" for key, value in sorted(found["config"].items()))
    return f"{features}{found['isa']}, -O{found['optimize']}{config}"


def _kernel(row: Mapping[str, Any]) -> tuple[str, str]:
    """The kernel and its predicted instructions."""
    return row.get("kernel", ""), f"{row['predicted']:,}" if row.get("predicted") else ""


def _measured(row: Mapping[str, Any]) -> tuple[str, str]:
    """The measured instructions, and how far the prediction is off."""
    counted, expected = row.get("measured"), row.get("predicted")
    off = f"{100 * (expected - counted) / counted:+.1f} %" if counted and expected else ""
    return f"{counted:,}" if counted else "", off


def predicted(found: Mapping[str, Any], *, before: str = "") -> str:
    """A line with the sum of the predictions and how many operators have one; empty without."""
    if not found["predicted"]:
        return ""
    running = sum(bool(row.get("kernel")) for row in found["operators"])
    missing = len(found["unpredicted"])
    which = f"{running - missing} of" if missing else "all"
    return (
        f"{before}predicted for {which} {running} operators that run: "
        f"{found['predicted']:,} instructions"
    )


def _numbers(places: Sequence[int]) -> str:
    """Numbers as ranges: 0-3, 5."""
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _memory(arena: Mapping[str, Any]) -> list[str]:
    """The memory plan as a chart: a line for each buffer."""
    peak = max(1, arena["peak"])
    lines = [
        (
            f"activation memory with the kernels of {', '.join(arena['kernels'])}: "
            f"{arena['peak']:,} bytes, no plan below {arena['bound']:,}; "
            f"most are alive in step {arena['step']} of {arena['steps'] - 1}{_operator(arena)}: "
            f"{', '.join(arena['at_peak'])}"
        ),
        "",
    ]
    for row in sorted(arena["rows"], key=lambda row: (row["first"], row["offset"])):
        start = row["offset"] * WIDTH // peak
        length = max(1, row["size"] * WIDTH // peak)
        bar = (" " * start + "#" * length)[:WIDTH]
        steps = f"{row['first']}-{row['last']}"
        lines.append(f"  steps {steps:<9}|{bar:<{WIDTH}}| {row['size']:>9,} {row['name']}")
    return lines


def _operator(arena: Mapping[str, Any]) -> str:
    """The operator of the peak's step, where steps and operators have different numbers."""
    before = arena["step"] - 1
    return f", operator {arena['order'][before]}" if before in range(len(arena["order"])) else ""


def html(models: Sequence[Mapping[str, Any]]) -> str:
    """One page for all models: no script, nothing from outside."""
    template = environment().get_template("inspect.html")
    return template.render(
        models=models, version=__version__, choices=choices, predicted=predicted, operator=_operator
    )
