"""The page on metrics names every metric of the catalogue, and no other; so does the wire's."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_mlbench.firmware.bare_metal.wire import Tag
from pytest_mlbench.firmware.elf import sections
from pytest_mlbench.records.metrics import METRICS

DOCS = Path(__file__).parents[3] / "docs"


def rows(page: str) -> dict[str, str]:
    """First -> second cell of all table rows whose first cell is a key in backticks."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", text, re.MULTILINE))


def test_every_metric_has_its_row():
    assert rows("metrics.md") == {key: metric.title for key, metric in METRICS.items()}


def test_the_named_sections_have_the_named_class():
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    named = 0
    for key, cell in re.findall(r"^\| `(r[oa]m_\w+)` \| [^|]+ \| ([^|]*) \|", text, re.MULTILINE):
        for name in re.findall(r"`(\.[\w.]+)\*?`", cell):
            row = sections.Section(name, 4, 0, 0, 4, 2, stored=True)
            assert row.metric == key
            assert sections.Sections((row,)).by_flags == ()
            named += 1
    assert named == 16


def test_every_frame_has_its_row():
    text = (DOCS / "target.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d+) \| ([A-Z]+) \|", text, re.MULTILINE)

    assert sorted((int(tag), name) for tag, name in listed) == [(tag, tag.name) for tag in Tag]


def test_the_firmware_numbers_frames_as_the_host():
    source = DOCS.parent / "pytest_mlbench/firmware/bare_metal/src/main.c"
    found = re.findall(r"FRAME_([A-Z]+) = (\d+)", source.read_text(encoding="utf-8"))

    assert {name: int(tag) for name, tag in found} == {tag.name: tag.value for tag in Tag}
