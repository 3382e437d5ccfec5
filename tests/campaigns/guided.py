"""Damaged models again, with mutations that follow the coverage of the code: `mutants`, guided.

Needs atheris, which has wheels for Linux on x86-64. It runs in a process of its own and ends it at
the first error. New inputs that reach new code are kept in `corpus/`, from which later runs begin.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tally import Tally


CORPUS = Path(__file__).with_name("corpus")


def campaign(tally: Tally, seed: int, first: int, count: int, found: Path = CORPUS) -> None:
    """Try `count` inputs. Their order is the coverage's: there is no number to begin from.

    Inputs that reach new code are kept in the folder `found`.
    """
    del first
    if importlib.util.find_spec("atheris") is None:
        tally.facts["not run"] = "there is no atheris here"
        return
    known = [] if found == CORPUS else [str(CORPUS)]
    command = [sys.executable, "-m", "campaigns.guided", str(found), *known, f"-seed={seed}"]
    limits = [f"-runs={count}", "-max_len=8192", "-rss_limit_mb=2000", "-timeout=30"]
    done = subprocess.run(
        [*command, *limits], cwd=CORPUS.parent.parent, capture_output=True, text=True, check=False
    )
    ran = re.findall(r"^#(\d+)", done.stderr, re.MULTILINE)
    tally.tried = int(ran[-1]) if ran else 0
    tally.expect(done.returncode == 0, f"ends with {done.returncode}: {done.stderr[-1500:]}")
    tally.facts["corpus"] = len(list(found.iterdir()))


def main() -> None:
    """What atheris drives."""
    import atheris

    with atheris.instrument_imports(include=["pytest_mlbench"]):
        import pytest_mlbench.backends.aot.generation
        import pytest_mlbench.models.tflite.reader  # noqa: F401
    from pytest_mlbench.errors import MlbenchError

    from .mutants import small_models, whole_way

    CORPUS.mkdir(exist_ok=True)
    if not any(CORPUS.iterdir()):
        for number, data in enumerate(small_models()):
            if len(data) <= 8192:
                (CORPUS / f"seed{number}").write_bytes(data)

    def one(data: bytes) -> None:
        try:
            whole_way(data)
        except MlbenchError as error:
            if "\n" in str(error):
                raise ValueError("a refusal of several lines") from error

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
