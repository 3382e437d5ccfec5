"""Made-up records for tests of what happens after measuring. None of it is a measurement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_mlbench.case import Case
from pytest_mlbench.records.record import Record

SYMBOLS = (
    ("kernels", ".text", "mlbench_conv2d", 812),
    ("kernels", ".text", "mlbench_depthwise", 640),
    ("model", ".text", "mlbench_invoke", 300),
    ("model", ".rodata", "weights_0", 2560),
    ("runtime", ".text", "_start", 96),
)
OPERATORS = (
    (0, "CONV_2D", "1x25x5x64", "mlbench_conv2d", 320_000, 900_000),
    (1, "DEPTHWISE_CONV_2D", "1x25x5x64", "mlbench_depthwise", 72_000, 400_000),
    (2, "SOFTMAX", "1x12", "mlbench_softmax", 0, 2_000),
)


def record(
    model: str = "aww",
    features: tuple[str, ...] = (),
    optimize: str = "3",
    *,
    scale: float = 1.0,
    profile: bool = True,
    metrics: dict[str, int] | None = None,
    **changes: Any,
) -> Record:
    """A passed record; `scale` multiplies its cycles, `metrics` replaces some of them."""
    case = Case(model, "aot", features, optimize)
    cycles = int(1_400_000 * scale)
    code = sum(size for _, section, _, size in SYMBOLS if section == ".text")
    rodata = sum(size for _, section, _, size in SYMBOLS if section == ".rodata")
    values = {
        "setup_cycles": 120,
        "run_cycles": cycles,
        "run_cycles_min": cycles,
        "run_cycles_max": cycles,
        "total_cycles": cycles + 120,
        "rom_code": code,
        "rom_rodata": rodata,
        "rom_misc": 16,
        "rom_total": code + rodata + 16,
        "ram_data": 0,
        "ram_bss": 16_000,
        "ram_total": 16_000,
        "stack_peak": 512,
        "arena_peak": 16_000,
        "macs": 392_000,
        "run_millinstructions_per_mac": cycles * 1000 // 392_000,
        **(metrics or {}),
    }
    operators = tuple(
        {
            "index": index,
            "name": name,
            "shape": shape,
            "kernel": kernel,
            "library": "reference",
            "macs": macs,
            "bytes": 4_000 * (index + 1),
            **(
                {"cycles": int(count * scale), "instructions": int(count * scale)}
                if profile
                else {}
            ),
        }
        for index, name, shape, kernel, macs, count in OPERATORS
    )
    made = Record(
        case=case.name,
        params={
            "model": model,
            "backend": "aot",
            "features": list(features),
            "optimize": optimize,
            "target": "spike",
            "isa": "rv32gc",
            "config": {},
        },
        outcome="passed",
        metrics=values,
        validation={"samples": 10, "matched": 10, "reference": "tflite-micro"},
        provenance={
            "model_sha256": "ab" * 32,
            "elf_sha256": "cd" * 32,
            "toolchain": "riscv64-unknown-elf-gcc 12.2.0",
            "spike": "spike 1.1.1-dev",
            "flags": {"kernels": [f"-O{optimize}"], "model": [f"-O{optimize}"]},
            "libraries": {"reference": "0.1.0"},
        },
        operators=operators,
        components={
            "kernels": {"rom": 1452, "ram": 0},
            "model": {"rom": 2860, "ram": 16_000},
            "runtime": {"rom": 96, "ram": 0},
        },
        symbols=tuple(
            {"component": component, "section": section, "name": name, "size": size}
            for component, section, name, size in SYMBOLS
        ),
    )
    return replace(made, **changes)


def grown(before: Record, name: str, by: int, *, field: str = "size") -> Record:
    """`before` with symbol `name` bigger by `by` bytes, its section's and component's sums too."""
    rows = [dict(row) for row in before.symbols]
    row = next(row for row in rows if row["name"] == name)
    row[field] = row.get(field, 0) + by
    key = "rom_code" if row["section"] == ".text" else "rom_rodata"
    metrics = dict(before.metrics)
    components = {part: dict(sizes) for part, sizes in before.components.items()}
    if field == "size":
        metrics[key] += by
        metrics["rom_total"] += by
        components[row["component"]]["rom"] += by
    return replace(before, symbols=tuple(rows), metrics=metrics, components=components)


def zoo() -> list[Record]:
    """Two models, three feature sets, two levels."""
    speed = {(): 1.0, ("muriscvnn",): 0.29, ("cmsisnn",): 0.32}
    return [
        record(model, features, optimize, scale=scale * (2 if optimize == "s" else 1))
        for model in ("aww", "resnet")
        for features, scale in speed.items()
        for optimize in ("3", "s")
    ]
