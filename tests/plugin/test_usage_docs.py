"""The documentation agrees with the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.builtin import NAMES, option_table, registry
from pytest_mlbench.measure.axes import AXES
from pytest_mlbench.measure.mark import KEYWORDS
from pytest_mlbench.models.model import TWIN
from pytest_mlbench.plugin import fixtures

if TYPE_CHECKING:
    from pytest_mlbench.options import Option

ROOT = Path(__file__).parents[2]
USAGE = (ROOT / "docs" / "usage.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def row(option: Option) -> str:
    """An option's line in the table of docs/usage.md."""
    flag = option.flag if option.kind == "flag" else f"{option.flag} {option.metavar}"
    many = ""
    if option.is_list:
        many = " (repeatable, commas)" if option.split else " (repeatable)"
    variable = f"`{option.variable}`" if option.variable else ""
    bars = flag.replace("|", "\\|")
    return f"| `{bars}` | {option.help}{many} | {variable} |"


def test_the_options_table_is_the_option_table() -> None:
    found = [line for line in USAGE.splitlines() if line.startswith("| `--mlbench-")]
    assert found == [row(option) for option in option_table()]


def test_all_fixtures_axes_and_keywords_are_documented() -> None:
    for name in fixtures.__all__:
        assert f"| `{name}` |" in USAGE
    for axis in AXES:
        assert f"`{axis}`" in USAGE
    for keyword in KEYWORDS:
        assert f"`{keyword}`" in USAGE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_that_are_mentioned_exist(page: Path) -> None:
    known = {option.flag for option in option_table()}
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"--mlbench-[a-z]+(?:-[a-z]+)*", text)) <= known


def test_every_option_is_shown_by_help_with_its_twins(pytester: pytest.Pytester) -> None:
    shown = " ".join(pytester.runpytest("--help").stdout.str().split())
    for option in option_table():
        assert option.flag in shown
        assert f"[ini: {option.ini}" in shown
        assert not option.variable or f"env: {option.variable}]" in shown


def test_the_mark_is_shown(pytester: pytest.Pytester) -> None:
    pytester.runpytest("--markers").stdout.fnmatch_lines(["@pytest.mark.mlbench(models=*"])


def test_the_help_names_what_is_built_in() -> None:
    """Names in the help are a copy, so that no start has to collect them: kept equal here."""
    known = registry()
    models = {name for name in known.models if not name.endswith(TWIN)}
    assert set(NAMES["model"]) == models
    assert set(NAMES["backend"]) == set(known.backends)
    assert set(NAMES["features"]) == set(known.features)
    assert set(NAMES["target"]) == set(known.targets)
    for option in option_table():
        for name in (*NAMES.get(option.name, ()), *option.choices):
            assert name in f"{option.help} {option.metavar}", option.flag
