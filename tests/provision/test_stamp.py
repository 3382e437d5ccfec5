"""What of an entry is written to disk before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.provision import stamp
from pytest_mlbench.provision.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files and folders that are written to disk."""
    names: list[str] = []
    monkeypatch.setattr(stamp, "sync", lambda path: names.append(path.name))
    return names


def fill(folder: Path) -> None:
    (folder / "file").write_text("content")


def test_an_entry_without_checksums_is_on_disk_before_it_is_used(
    tmp_path: Path, synced: list[str]
) -> None:
    Cache(tmp_path).entry("kind", "key", fill)
    assert [synced[0], synced[1], synced[3]] == ["file", stamp.STAMP, "kind"]


def test_an_entry_with_checksums_waits_for_no_disk(tmp_path: Path, synced: list[str]) -> None:
    cache = Cache(tmp_path)
    entry = cache.entry("kind", "key", fill, exact=True)
    assert synced == []
    # After a loss of power a file may have its size, but not its content; or the stamp is empty.
    (entry / "file").write_text("\0" * len("content"))
    assert stamp.fault(entry, None, exact=True) == "file was changed"
    entry = cache.entry("kind", "key", fill, exact=True)
    (entry / stamp.STAMP).write_text("")
    assert stamp.fault(entry, None, exact=True) == "its listing cannot be read"
