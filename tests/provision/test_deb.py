"""A package is unpacked without the part of its files that is never needed."""

from __future__ import annotations

import io
import lzma
import random
import tarfile
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.errors import FetchRefused
from pytest_mlbench.provision.deb import unpack_without
from pytest_mlbench.provision.xz import Xz, stream

if TYPE_CHECKING:
    from pathlib import Path

CHUNK = 1 << 16
SIZES = {"./a/first": 1000, "./release/one": 300_000, "./release/two": 70_000, "./z/last": 200_000}
FILES = {name: random.Random(size).randbytes(size) for name, size in SIZES.items()}


def contents() -> tuple[bytes, tuple[int, int]]:
    """A tar archive of `FILES`, and where those in `release` are."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, text in FILES.items():
            row = tarfile.TarInfo(name)
            row.size, row.mode = len(text), 0o755 if name.endswith("last") else 0o644
            tar.addfile(row, io.BytesIO(text))
    with tarfile.open(fileobj=io.BytesIO(data.getvalue())) as tar:
        at = {member.name: member.offset for member in tar}
    return data.getvalue(), (at["./release/one"], at["./z/last"])


def compressed(data: bytes, place: Path) -> bytes:
    """An .xz file of many blocks, made of files of one block each."""
    rows = []
    for start in range(0, len(data), CHUNK):
        one = lzma.compress(data[start : start + CHUNK], preset=1, check=lzma.CHECK_CRC64)
        place.write_bytes(one)
        with place.open("rb") as file:
            (block,) = Xz(file.fileno(), 0, len(one)).blocks
        rows.append((block, one[12 : 12 + block.size + -block.size % 4]))
    whole = stream(one[:12], rows)
    assert lzma.decompress(whole) == data, "the library reads it as well"
    return whole


def package(place: Path, member: str, data: bytes) -> Path:
    rows = [("debian-binary", b"2.0\n"), ("control.tar.xz", b"odd"), (member, data)]
    text = b"!<arch>\n"
    for name, content in rows:
        text += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
        text += content + b"\n" * (len(content) % 2)
    place.write_bytes(text)
    return place


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def test_all_but_the_hole_is_unpacked_and_blocks_inside_are_not_read(
    tmp_path: Path, into: Path
) -> None:
    data, hole = contents()
    whole = bytearray(compressed(data, tmp_path / "one"))
    place = tmp_path / "whole"
    place.write_bytes(whole)
    with place.open("rb") as file:
        blocks = Xz(file.fileno(), 0, len(whole)).blocks
    inside = [
        block
        for block in blocks
        if block.start >= hole[0] and block.start + block.length <= hole[1]
    ]
    assert len(inside) > 3
    assert (blocks[0].start, sum(block.length for block in blocks)) == (0, len(data))
    for block in inside:
        whole[block.offset : block.offset + block.size] = bytes(block.size)
    unpack_without(hole, package(tmp_path / "x.deb", "data.tar.xz", whole), into)
    found = {
        f"./{path.relative_to(into)}": path.read_bytes()
        for path in into.rglob("*")
        if path.is_file()
    }
    assert found == {name: text for name, text in FILES.items() if "release" not in name}
    assert [(into / name).stat().st_mode & 0o777 for name in ("a/first", "z/last")] == [
        0o644, 0o755,
    ]  # fmt: skip


@pytest.mark.parametrize("shift", [(512, 0), (0, 512)], ids=str)
def test_a_hole_that_is_not_between_members_is_refused(
    tmp_path: Path, into: Path, shift: tuple[int, int]
) -> None:
    data, (first, end) = contents()
    deb = package(tmp_path / "x.deb", "data.tar.xz", compressed(data, tmp_path / "one"))
    with pytest.raises(FetchRefused, match=r"x\.deb: cannot be unpacked"):
        unpack_without((first + shift[0], end + shift[1]), deb, into)


def test_damaged_and_other_content_is_refused(tmp_path: Path, into: Path) -> None:
    data, hole = contents()
    whole = bytearray(compressed(data, tmp_path / "one"))
    whole[40:60] = bytes(20)
    for member, text, said in (
        ("data.tar.xz", whole, "cannot be unpacked: Corrupt input data"),
        ("data.tar.xz", b"what is this? It is long enough", "this is no .xz data"),
        ("data.tar.zst", b"another format", "has no data.tar.xz"),
    ):
        with pytest.raises(FetchRefused, match=said):
            unpack_without(hole, package(tmp_path / "x.deb", member, text), into)
