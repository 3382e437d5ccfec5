"""Random layers are the same wherever they are drawn."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import TYPE_CHECKING

from pytest_mlbench.testing import LAYERS
from pytest_mlbench.testing.profiles import draw_layers

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

DRAW = """
from pytest_mlbench.testing import LAYERS
from pytest_mlbench.testing.profiles import draw_layers
print([case.digest.hex() for case in draw_layers(LAYERS["CONV_2D"], 40)])
"""


def test_layers_depend_on_their_seed_and_not_on_the_modules_that_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here many modules are loaded, and one of constants; in another process only the package."""
    text = "VALUES = (*range(3), 5, 7, 11, 13, 17, 0.4, 'text')\n"
    (tmp_path / "many_constants.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("many_constants")
    here = [case.digest.hex() for case in draw_layers.__wrapped__(LAYERS["CONV_2D"], 40)]
    assert len(set(here)) == 40
    command = [sys.executable, "-c", DRAW]
    elsewhere = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert elsewhere.strip() == str(here)
