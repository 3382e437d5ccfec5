"""The public face: complete, lazy, and all that docs and examples use."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_mlbench import api

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path
    for folder in ("docs", "examples", ".")
    for ending in ("*.md", "*.py", "*.ipynb")
    for path in (ROOT / folder).glob(ending)
)


@pytest.mark.parametrize("name", api.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(api, name) is not None
    assert name in dir(api)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        api.Nothing  # noqa: B018


def test_the_names_are_sorted() -> None:
    public = [name for name in api.__all__ if name != "__version__"]
    assert public == sorted(public)


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import json, sys, pytest_mlbench.api; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    modules = set(json.loads(done.stdout))
    assert not modules & {"numpy", "jinja2", "pandas", "requests", "elftools", "pytest"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_docs_and_examples_import_from_the_public_face_only(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for module, names in re.findall(r"from (pytest_mlbench[\w.]*) import ([\w, ]+)", text):
        assert module in {"pytest_mlbench.api", "pytest_mlbench.testing"}
        if module.endswith("api"):
            assert {name.strip() for name in names.split(",")} <= set(api.__all__)
