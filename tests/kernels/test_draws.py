"""Random layers are the same wherever they are drawn."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DRAW = """
import sys
sys.path.insert(0, sys.argv[1])
import constants
from pytest_mlbench.testing import LAYERS
from pytest_mlbench.testing.profiles import draw_layers
print([case.digest.hex() for case in draw_layers(LAYERS["CONV_2D"], 40)])
"""


def test_layers_depend_on_their_seed_and_not_on_the_modules_that_are_loaded(tmp_path: Path) -> None:
    drawn = []
    for name, constants in (
        ("few", "1"),
        ("many", "list(range(3)), 5, 7, 11, 13, 17, 0.4, 'text'"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "constants.py").write_text(f"VALUES = ({constants},)\n", encoding="utf-8")
        command = [sys.executable, "-c", DRAW, str(folder)]
        drawn.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert drawn[0].count("'") == 80
    assert drawn[0] == drawn[1]
