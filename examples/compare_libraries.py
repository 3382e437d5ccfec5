"""muRISCV-NN against CMSIS-NN on bare-metal RISC-V: cycles and code size at -O3 and -Os.

The comparison that MLonMCU published as a notebook, measured anew: each library under TensorFlow
Lite Micro's interpreter (backend `tflmi`) and under the ahead-of-time backend (`aot`), beside the
built-in `tuned` kernels, with every output checked bit for bit. What cannot be had here (a library
whose repository cannot be reached) is shown as skipped, with its reason.

    python examples/compare_libraries.py [--workers N] [--output FOLDER] [MODEL ...]

The published comparison is of `aww` and `resnet`; other models are compared when they are named.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_mlbench.api import Results, Study

PUBLISHED = ["aww", "resnet"]
COLUMNS = ("Model", "Backend", "Features", "Opt", "Total Cycles", "ROM code", "Total ROM")


def study(models: list[str]) -> Study:
    """Two backends, no library and three (`tuned` under `aot` only), and two levels per model."""
    return Study(
        models=models,
        backends=["tflmi", "aot"],
        features=["_", "muriscvnn", "cmsisnn", "tuned"],
        optimize=["3", "s"],
    )


def show(results: Results, folder: Path) -> None:
    """Print the absolute and the relative table; write plots, page and JSON into `folder`."""
    print(results)
    if len(results.failed) == len(results):
        return
    if beside := results.published():
        print(f"\nPublished, here and their ratio:\n\n{beside}")
    relative = results.relative(to={"features": "_"})
    print("\nRelative to no library, per model, backend and level:\n")
    print(relative.markdown(*COLUMNS))
    folder.mkdir(parents=True, exist_ok=True)
    results.save(folder / "results.json")
    relative.html(folder / "report.html")
    for metric in ("Total Cycles", "ROM code"):
        name = metric.lower().replace(" ", "_")
        results.plot(metric).savefig(folder / f"{name}.png")
        relative.plot(metric).savefig(folder / f"{name}_relative.png")
    print(f"Written to {folder}")


def main() -> None:
    """Run the study and show it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "models", nargs="*", default=PUBLISHED, metavar="MODEL", help="name or .tflite file"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes at a time")
    parser.add_argument("--output", type=Path, default=Path("comparison"), metavar="FOLDER")
    arguments = parser.parse_args()
    show(study(arguments.models).run(workers=arguments.workers), arguments.output)


if __name__ == "__main__":
    main()
