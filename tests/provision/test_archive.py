from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.errors import FetchRefused
from pytest_mlbench.provision import archive

if TYPE_CHECKING:
    from pathlib import Path


def tar(path: Path, *members: tuple[str, bytes, str]) -> Path:
    kinds = {
        "file": tarfile.REGTYPE,
        "folder": tarfile.DIRTYPE,
        "link": tarfile.SYMTYPE,
        "hard": tarfile.LNKTYPE,
        "device": tarfile.CHRTYPE,
        "pipe": tarfile.FIFOTYPE,
    }
    with tarfile.open(path, "w:gz") as file:
        for name, content, kind in members:
            info = tarfile.TarInfo(name)
            info.type = kinds[kind]
            info.mode = 0o755
            if kind in {"link", "hard"}:
                info.linkname = content.decode()
                content = b""
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return path


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def test_a_tar_loses_its_top_folder(tmp_path: Path, folder: Path) -> None:
    file = tar(
        tmp_path / "a.tar.gz",
        ("lib-1.0", b"", "folder"),
        ("lib-1.0/include/lib.h", b"// h", "file"),
        ("lib-1.0/lib-1.0", b"same name", "file"),
        ("lib-1.0/link.h", b"include/lib.h", "link"),
    )
    archive.unpack(file, folder)
    assert tree(folder) == {"include/lib.h": "// h", "lib-1.0": "same name", "link.h": "// h"}


def test_a_zip_is_unpacked_too(tmp_path: Path, folder: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("a.c", "one")
        file.writestr("sub/b.c", "two")
    archive.unpack(tmp_path / "a.zip", folder)
    assert tree(folder) == {"a.c": "one", "sub/b.c": "two"}


@pytest.mark.parametrize(
    "members",
    [
        [("../evil", b"x", "file")],
        [("/tmp/evil", b"x", "file")],
        [("a/../../evil", b"x", "file")],
        [("a\\..\\..\\evil", b"x", "file")],
        [("C:/evil", b"x", "file")],
        [("link", b"../..", "link")],
        [("link", b"/tmp", "link")],
        [("a/link", b"../../x", "link")],
        [("a", b"", "folder"), ("link", b"a", "link"), ("link/evil", b"x", "file")],
        [("file", b"one", "file"), ("file", b"two", "file")],
        [("hard", b"/etc/passwd", "hard")],
        [("device", b"", "device")],
        [("pipe", b"", "pipe")],
    ],
)
def test_a_tar_cannot_reach_outside(
    tmp_path: Path, folder: Path, members: list[tuple[str, bytes, str]]
) -> None:
    before = {path for path in tmp_path.rglob("*") if folder not in path.parents}
    file = tar(tmp_path / "a.tar.gz", *members)
    with pytest.raises(FetchRefused):
        archive.unpack(file, folder)
    after = {path for path in tmp_path.rglob("*") if folder not in path.parents}
    assert after - before == {file}


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "..\\evil"])
def test_a_zip_cannot_reach_outside(tmp_path: Path, folder: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(zipfile.ZipInfo(name), "x")
    with pytest.raises(FetchRefused):
        archive.unpack(tmp_path / "a.zip", folder)
    assert not list(tmp_path.rglob("evil"))


def test_a_bomb_is_refused(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 1000)
    file = tar(tmp_path / "a.tar.gz", ("big", b"0" * 1001, "file"))
    with pytest.raises(FetchRefused, match="more than any source needs"):
        archive.unpack(file, folder)
    assert tree(folder) == {}


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\3\4 broken", b"\x1f\x8b broken"])
def test_what_is_no_archive_is_refused(tmp_path: Path, folder: Path, content: bytes) -> None:
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(FetchRefused, match="cannot be unpacked") as found:
        archive.unpack(tmp_path / "a.tar.gz", folder)
    assert "\n" not in str(found.value)


def test_a_truncated_archive_is_refused(tmp_path: Path, folder: Path) -> None:
    file = tar(tmp_path / "a.tar.gz", *((f"f{i}", bytes([i]) * 5000, "file") for i in range(9)))
    file.write_bytes(file.read_bytes()[:-60])
    with pytest.raises(FetchRefused):
        archive.unpack(file, folder)


@pytest.mark.parametrize(
    "members",
    [
        (("a", b"", "file"), ("a/b", b"", "file")),
        (("a/b", b"", "file"), ("a", b"", "file")),
        (("x" * 300, b"", "file"),),
        (("a/" * 3000 + "b", b"", "file"),),
        (("a/" * archive.MAX_DEPTH + "b", b"", "file"),),
        (("a\n\x1b[2J/../../b", b"", "file"),),
    ],
)
def test_what_no_folder_can_hold_is_refused_in_one_line(
    tmp_path: Path, folder: Path, members: tuple[tuple[str, bytes, str], ...]
) -> None:
    file = tar(tmp_path / "a.tar.gz", *members)
    with pytest.raises(FetchRefused) as caught:
        archive.unpack(file, folder)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_top_folder_may_hold_any_name(tmp_path: Path, folder: Path) -> None:
    file = tar(
        tmp_path / "a.tar.gz", ("lib/.mlbench-top", b"", "folder"), ("lib/lib", b"x", "file")
    )
    archive.unpack(file, folder)
    assert sorted(path.name for path in folder.iterdir()) == [".mlbench-top", "lib"]
