"""Object files for the host: the workers of one run share a folder, and the last removes it."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from pytest_mlbench.testing import host

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_last_one_to_leave_removes_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "objects"
    first, second = host.join(folder), host.join(folder)
    assert folder.stat().st_mode & 0o077 == 0, "others could put object files there"
    (folder / "layer.o").touch()
    host.leave(first)
    assert (folder / "layer.o").exists()
    host.leave(second)
    assert not folder.exists()
    host.leave(second)


def test_the_workers_of_a_run_share_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    at_exit: list[object] = []
    monkeypatch.setattr(host.atexit, "register", lambda *given, **_: at_exit.append(given))

    def worker(run: str | None) -> Path:
        if run is None:
            monkeypatch.delenv("PYTEST_XDIST_TESTRUNUID", raising=False)
        else:
            monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", run)
        return host._objects.__wrapped__()

    assert worker("a") == worker("a") != worker("b")
    assert len(list(worker("b").glob("*.user"))) == 2
    assert worker(None) != worker(None)
    assert len(at_exit) == 6
