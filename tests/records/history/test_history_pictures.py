"""The history's page in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import synthetic
from pictures import CONTRAST

from pytest_mlbench.records.history import page, store
from pytest_mlbench.records.history.revisions import Revision
from pytest_mlbench.records.history.series import history

if TYPE_CHECKING:
    from collections.abc import Iterator

    import browser


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("history")
    line = [
        Revision(f"{at:040x}", 1_760_000_000 + at * 86_400, f"Change {at} " + "of a thing " * at,
                 ("v1.0",) if at == 2 else ())
        for at in range(6)
    ]  # fmt: skip
    for at, commit in enumerate(line):
        rows = [
            synthetic.record(model, scale=1 + (0.1 if at > 2 else 0) - (0.05 if at > 4 else 0))
            for model in ("aww", "vww")
        ]
        store.add(folder, commit, rows)
    found = history(store.load(folder), line)
    return page.page(found, lambda _: "+12 bytes  kernels .text some_long_symbol_name: 1 -> 13")


@pytest.fixture(scope="module")
def tab(chromium: browser.Browser, text: str) -> Iterator[browser.Tab]:
    """The page, for tests that only look at it."""
    with chromium.tab(text, width=1400) as tab:
        yield tab


@pytest.mark.parametrize("width", [1920, 1400, 400])
def test_nothing_is_cut_at_the_side(tab: browser.Tab, width: int) -> None:
    scroll, client, wide = tab.look(width=width).ask(
        "const root = document.documentElement;"
        "const wide = [...document.querySelectorAll('main *, header *, footer *')].filter((e) =>"
        " !e.closest('.scroll, svg, .hidden') && e.checkVisibility() &&"
        " e.getBoundingClientRect().right > root.clientWidth + 1)"
        ".map((e) => e.outerHTML.slice(0, 90));"
        "return [root.scrollWidth, root.clientWidth, wide];"
    )
    assert wide == []
    assert scroll == client <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_has_contrast_enough(tab: browser.Tab, dark: bool) -> None:
    poor, elements = tab.look(width=1400, dark=dark).ask(CONTRAST)
    assert elements > 60
    assert poor == {}


def test_each_step_has_its_dot_and_the_filter_holds(chromium: browser.Browser, text: str) -> None:
    found = chromium.ask(
        text,
        """
        const dots = (kind) => document.querySelectorAll(`circle.${kind}`).length;
        const box = document.getElementById("filter");
        box.value = "vww";
        box.dispatchEvent(new Event("input"));
        const seen = [...document.querySelectorAll("#plots tbody tr")]
          .filter((e) => e.checkVisibility()).map((e) => e.cells[0].textContent);
        return [dots("bad"), dots("good"), document.querySelectorAll("path.tag").length, seen];
        """,
        width=1400,
    )
    assert found == [2, 2, 6, ["vww-aot-_-O3"]]
