"""The catalogue of metrics. Names and meanings are MLonMCU's where it has them: docs/metrics.md."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_mlbench.errors import unknown


@dataclass(frozen=True)
class Metric:
    """An integer that is measured, or derived from measured ones.

    `key` is its name in JSON, `title` the column's; `unit` is cycles, instructions, bytes, MACs
    or milli (a ratio in thousandths); `better` is 'less', 'more' or '' for facts of the model.
    """

    key: str
    title: str
    unit: str
    better: str
    meaning: str
    short: str = ""


_ALL = (
    Metric("setup_cycles", "Setup Cycles", "cycles", "less", "initialisation", "Setup"),
    Metric(
        "run_cycles", "Run Cycles", "cycles", "less", "one inference, mean of the samples", "Run"
    ),
    Metric("run_cycles_min", "Run Cycles Min", "cycles", "less", "the fastest sample's inference"),
    Metric("run_cycles_max", "Run Cycles Max", "cycles", "less", "the slowest sample's inference"),
    Metric("total_cycles", "Total Cycles", "cycles", "less", "setup and one mean run", "Cycles"),
    Metric("setup_instructions", "Setup Instructions", "instructions", "less", "as Setup Cycles"),
    Metric("run_instructions", "Run Instructions", "instructions", "less", "as Run Cycles"),
    Metric("run_instructions_min", "Run Instructions Min", "instructions", "less", "the least"),
    Metric("run_instructions_max", "Run Instructions Max", "instructions", "less", "the most"),
    Metric("total_instructions", "Total Instructions", "instructions", "less", "as Total Cycles"),
    Metric(
        "run_millicycles_per_instruction",
        "CPI",
        "milli",
        "less",
        "run cycles per instruction of a real core, in thousandths",
    ),
    Metric("run_microseconds", "Run ms", "milli", "", "run cycles at --mlbench-clock"),
    Metric("run_nanojoules", "Run uJ", "milli", "", "energy of a run, from --mlbench-energy"),
    Metric("run_load_stalls", "Load Stalls", "cycles", "less", "cycles waiting for loaded data"),
    Metric("run_jump_stalls", "Jump Stalls", "cycles", "less", "waiting for a jump's register"),
    Metric("run_fetch_stalls", "Fetch Stalls", "cycles", "less", "waiting for instructions"),
    Metric("run_multiply_stalls", "Multiply Stalls", "cycles", "less", "waiting for a product"),
    Metric("run_divide_stalls", "Divide Stalls", "cycles", "less", "waiting for a quotient"),
    Metric("run_loads", "Loads", "instructions", "less", "loads"),
    Metric("run_stores", "Stores", "instructions", "less", "stores"),
    Metric("run_jumps", "Jumps", "instructions", "less", "unconditional jumps"),
    Metric("run_branches", "Branches", "instructions", "less", "conditional branches"),
    Metric("run_branches_taken", "Branches Taken", "instructions", "less", "branches taken"),
    Metric("rom_code", "ROM code", "bytes", "less", "sections of instructions"),
    Metric("rom_rodata", "ROM read-only", "bytes", "less", "constants: weights, parameters"),
    Metric("rom_misc", "ROM misc", "bytes", "less", "vectors, init arrays, unwind tables"),
    Metric("rom_total", "Total ROM", "bytes", "less", "code, read-only and misc", "ROM"),
    Metric("ram_data", "RAM data", "bytes", "less", "initialised variables"),
    Metric("ram_bss", "RAM zero-init", "bytes", "less", "zeroed variables, the arena among them"),
    Metric("ram_total", "Total RAM", "bytes", "less", "data and zero-init", "RAM"),
    Metric("stack_peak", "Stack Peak", "bytes", "less", "deepest stack in setup and runs", "Stack"),
    Metric("arena_peak", "Arena Peak", "bytes", "less", "activation memory as planned", "Arena"),
    Metric("arena_bound", "Arena Bound", "bytes", "", "what no plan can go below"),
    Metric("arena_declared", "Arena Declared", "bytes", "less", "arena size in the source"),
    Metric("flash_image", "Flash Image", "bytes", "less", "all that is loaded, .data included"),
    Metric("macs", "MACs", "MACs", "", "multiply-accumulates of the model"),
    Metric(
        "run_millinstructions_per_mac",
        "Instr/MAC",
        "milli",
        "less",
        "run instructions per multiply-accumulate, in thousandths",
    ),
)

METRICS: dict[str, Metric] = {metric.key: metric for metric in _ALL}
"""Every metric by its key, in the order of tables."""


SOURCES: dict[str, tuple[str, ...]] = {
    "run_cycles_min": ("run_cycles",),
    "run_cycles_max": ("run_cycles",),
    "total_cycles": ("setup_cycles", "run_cycles"),
    "setup_instructions": ("setup_cycles",),
    "run_instructions": ("run_cycles",),
    "run_instructions_min": ("run_instructions",),
    "run_instructions_max": ("run_instructions",),
    "total_instructions": ("setup_instructions", "run_instructions"),
    "run_millinstructions_per_mac": ("run_instructions",),
    "rom_total": ("rom_code", "rom_rodata", "rom_misc"),
    "ram_total": ("ram_data", "ram_bss"),
    "flash_image": ("rom_total", "ram_data"),
}
"""Metric -> the metrics it follows: the sum of several, or another measure of the same work."""


def followed(key: str) -> set[str]:
    """All that metric `key` follows, directly or through others."""
    direct = SOURCES.get(key, ())
    return set(direct).union(*map(followed, direct))


def find(name: str, *, where: str = "") -> Metric:
    """The metric whose key, title or heading is `name`, blanks and case ignored.

    Raises UsageError with the nearest match.
    """
    wanted = _normalised(name)
    for metric in _ALL:
        if wanted in {
            _normalised(metric.key),
            _normalised(metric.title),
            _normalised(metric.short),
        } - {""}:
            return metric
    choices = METRICS if "_" in name else [metric.title for metric in _ALL]
    raise unknown("metric", name, choices, where=where)


def _normalised(name: str) -> str:
    return "".join(name.replace("_", " ").replace("-", " ").lower().split())
