"""Where cycles and bytes go, as text tables: operators, components, symbols. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from pytest_mlbench.records.gate.attribute import shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mlbench.records.record import Record


@dataclass(frozen=True)
class OperatorSum:
    """The sum of the operators' cycles, and the measured run.

    `operators` is the sum over the first sample, from the profiling firmware; `measured` is Run
    Cycles, the mean of all samples, from the firmware without counters. They differ by the code
    between operators, the counters, and the first sample's distance from the mean.
    """

    operators: int
    measured: int

    @property
    def difference(self) -> int:
        """The measured run minus the sum."""
        return self.measured - self.operators

    @property
    def sentence(self) -> str:
        """One sentence with both, and the difference in cycles and percent."""
        share = 100 * self.difference / self.measured if self.measured else 0
        return (
            f"sum of the operators (first sample) {self.operators:,}, Run Cycles (mean of the "
            f"samples) {self.measured:,}, difference {self.difference:+,} ({share:+.2g} %)"
        )


def operator_sum(record: Record) -> OperatorSum | None:
    """The sum of a profiled record's operators; None when it is not profiled."""
    rows = [row for row in record.operators if "cycles" in row]
    if not rows or "run_cycles" not in record.metrics:
        return None
    return OperatorSum(sum(int(row["cycles"]) for row in rows), record.metrics["run_cycles"])


def instructions_per_mac(row: Mapping[str, Any]) -> str:
    """Instructions per multiply-accumulate of one operator to two digits, `-` without MACs."""
    if not row.get("macs") or "instructions" not in row:
        return "-"
    return f"{int(row['instructions']) / int(row['macs']):.2f}"


@dataclass(frozen=True)
class Prediction:
    """What the kernels' formulas predict for a record's operators, and what was measured.

    `count` of `operators` have a formula; `predicted` and `measured` are sums of the instructions
    of those.
    """

    count: int
    operators: int
    predicted: int
    measured: int

    @property
    def sentence(self) -> str:
        """One sentence with both, and how far the prediction is off."""
        which = "all" if self.count == self.operators else f"{self.count} of"
        return (
            f"predicted for {which} {self.operators} operators {self.predicted:,} instructions, "
            f"measured {self.measured:,} ({_off(self.predicted, self.measured)})"
        )


def prediction(record: Record) -> Prediction | None:
    """The sums of a profiled record; None if nothing was predicted or measured."""
    ran = [row for row in record.operators if row.get("kernel") != "none" and "instructions" in row]
    both = [row for row in ran if row.get("predicted") and row["instructions"]]
    if not both:
        return None
    predicted, measured = (sum(int(r[key]) for r in both) for key in ("predicted", "instructions"))
    return Prediction(len(both), len(ran), predicted, measured)


def _off(predicted: int, measured: int) -> str:
    """How far a prediction is off, in percent of the measured value."""
    return f"{100 * (predicted - measured) / measured:+.1f} %"


def _predicted(row: Mapping[str, Any]) -> list[str]:
    """The cells of an operator's prediction; `-` where there is nothing to show."""
    expected, measured = row.get("predicted"), row.get("instructions")
    if not expected:
        return ["-", "-"]
    return [f"{int(expected):,}", _off(int(expected), int(measured)) if measured else "-"]


def operator_table(record: Record) -> str:
    """A row per operator and the sum against the measured run; empty without operators."""
    if not record.operators:
        return ""
    total = operator_sum(record)
    sums = prediction(record) if total else None
    heading = ["#", "Operator", "Output", "Kernel", "MACs"]
    if total:
        heading += ["Instr/MAC", "Cycles", "%"]
    if sums:
        heading += ["Predicted", "Off"]
    rows = []
    for row in record.operators:
        cells = [
            str(row["index"]),
            str(row["name"]),
            shape(row),
            kernel(row),
            f"{int(row.get('macs', 0)):,}",
        ]
        if total:
            share = 100 * int(row.get("cycles", 0)) / (total.operators or 1)
            cells += [instructions_per_mac(row), f"{int(row.get('cycles', 0)):,}", f"{share:.1f}"]
        if sums:
            cells += _predicted(row)
        rows.append(cells)
    align = ["right", "left", "left", "left", *["right"] * (len(heading) - 4)]
    text = tabulate(rows, heading, tablefmt="simple", colalign=align, disable_numparse=True)
    return "\n".join([text, *(each.sentence for each in (total, sums) if each)])


def kernel(row: Mapping[str, Any]) -> str:
    """Library and kernel that ran the operator."""
    return " ".join(str(row[key]) for key in ("library", "kernel") if row.get(key))


def component_table(record: Record) -> str:
    """ROM and RAM per component, the biggest first; empty when they are not known."""
    if not record.components:
        return ""
    rows = [
        [name, f"{int(row.get('rom', 0)):,}", f"{int(row.get('ram', 0)):,}"]
        for name, row in sorted(
            record.components.items(),
            key=lambda item: (-int(item[1].get("rom", 0)), -int(item[1].get("ram", 0)), item[0]),
        )
    ]
    rom = sum(int(row.get("rom", 0)) for row in record.components.values())
    ram = sum(int(row.get("ram", 0)) for row in record.components.values())
    rows.append(["sum", f"{rom:,}", f"{ram:,}"])
    return tabulate(
        rows,
        ["Component", "ROM", "RAM"],
        tablefmt="simple",
        colalign=["left", "right", "right"],
        disable_numparse=True,
    )


def symbol_table(record: Record, limit: int = 12) -> str:
    """The biggest symbols with component and section, and how many more there are."""
    ranked = sorted(record.symbols, key=lambda row: (-int(row["size"]), str(row["name"])))
    if not ranked:
        return ""
    rows = [
        [f"{int(row['size']):,}", row["name"], row["component"], row["section"]]
        for row in ranked[:limit]
    ]
    text = tabulate(
        rows,
        ["Bytes", "Symbol", "Component", "Section"],
        tablefmt="simple",
        colalign=["right", "left", "left", "left"],
        disable_numparse=True,
    )
    rest = ranked[limit:]
    if rest:
        size = sum(int(row["size"]) for row in rest)
        text += f"\nand {len(rest):,} more of {size:,} bytes together"
    return text


def profile(record: Record) -> str:
    """All three tables of one case, for a terminal."""
    tables = (operator_table(record), component_table(record), symbol_table(record))
    return "\n\n".join([record.case, *filter(None, tables)])
