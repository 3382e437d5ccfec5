"""The samples one by one: where the reference ends on one, it is started again behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_mlbench import process

from .interpreter import STARTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class SampleRuns:
    """All samples of `plan`, run in `folder` by `command`, `row` bytes of outputs for each.

    `aborted`: the samples on which the interpreter ended, and why; their outputs are zeros. Where
    samples are `bound` to the ones before by a state, all later ones are aborted as well. `last`:
    the run to judge, None when it ended on a sample and others count.
    """

    def __init__(
        self,
        folder: Path,
        plan: Mapping[str, Any],
        command: Sequence[str],
        row: int,
        timeout: float,
        *,
        bound: bool,
    ) -> None:
        self.aborted: dict[int, str] = {}
        self.last: process.Finished | None = None
        total, first = plan["samples"], 0
        started, outputs = folder / STARTED, folder / "outputs.bin"
        while first < total:
            started.unlink(missing_ok=True)
            (folder / "plan.json").write_text(json.dumps({**plan, "first": first}), "utf-8")
            self.last = process.run(command, timeout=timeout)
            done = outputs.stat().st_size // row if outputs.is_file() else 0
            judged = self.last.returncode == 0 or self.last.timed_out or self.last.flooded
            if judged or not started.is_file() or not first <= done < total:
                return
            self.aborted[done] = f"{how(self.last)}: {last_words(self.last)}"
            first = done + 1
            if bound:
                for later in range(first, total):
                    self.aborted[later] = f"it follows sample {done}, and the model keeps a state"
                first = total
            with outputs.open("r+b") as results:
                results.truncate(first * row)
        if len(self.aborted) < total:
            self.last = None


def how(finished: process.Finished) -> str:
    """How a program ended that failed."""
    code = finished.returncode
    return f"signal {-code}" if code < 0 else f"status {code}"


def last_words(finished: process.Finished) -> str:
    """The last lines that the interpreter printed before it failed, without traceback frames."""
    lines = [line.strip() for line in finished.error_text.splitlines()]
    text = [line for line in lines if line and not line.startswith(("File ", "Traceback", "^"))]
    return " | ".join(text[-3:])[-400:].rstrip(".") or "it printed nothing"
