"""Reads an .xz file without a part of its content that nobody needs.

The blocks of such a file can be decompressed alone, and several at once. The format is specified in
https://tukaani.org/xz/xz-file-format.txt (section numbers are those of version 1.2.1). Files of
several streams are not supported.
"""

from __future__ import annotations

import lzma
import os
import struct
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlbench.errors import FetchRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ENDS = 12
"""Bytes of a stream's header, and of its footer (2.1.1, 2.1.2)."""
_THREADS, _AHEAD = 2, 3
"""Threads, and blocks that are decompressed before they are asked for: a block may have 25 MB."""


@dataclass(frozen=True)
class Block:
    """One block; all in bytes.

    offset  where it is in the file
    size    its size in the file, without the padding inside it
    start   where its content is in the whole content
    length  the size of its content
    """

    offset: int
    size: int
    start: int
    length: int


class Xz:
    """The .xz data of `size` bytes at `offset` of a file that is open as `handle`.

    Raises FetchRefused if they are something else.
    """

    def __init__(self, handle: int, offset: int, size: int) -> None:
        self._handle = handle
        self._header = os.pread(handle, _ENDS, offset)
        footer = os.pread(handle, _ENDS, offset + size - _ENDS)
        if self._header[:6] != b"\xfd7zXZ\0" or footer[10:] != b"YZ":
            raise FetchRefused("this is no .xz data")
        index_size = 4 * (int(struct.unpack("<I", footer[4:8])[0]) + 1)
        index = os.pread(handle, index_size, offset + size - _ENDS - index_size)
        self.blocks = tuple(_blocks(index, offset + _ENDS))

    def content(self, block: Block) -> bytes:
        """The content of `block`. Raises LZMAError if it is damaged."""
        # A stream of this block alone, so that the library checks everything.
        data = os.pread(self._handle, block.size + -block.size % 4, block.offset)
        return lzma.decompress(stream(self._header, [(block, data)]), lzma.FORMAT_XZ)

    def without(self, hole: tuple[int, int]) -> Iterator[bytes | memoryview]:
        """The content, but for its bytes from `hole[0]` to before `hole[1]`, in pieces.

        Blocks inside the hole are not decompressed.
        """
        first, end = hole
        waiting: deque[tuple[Block, Future[bytes]]] = deque()
        with ThreadPoolExecutor(_THREADS) as pool:
            for block in self.blocks:
                if block.start >= first and block.start + block.length <= end:
                    continue
                waiting.append((block, pool.submit(self.content, block)))
                if len(waiting) > _AHEAD:
                    yield from _outside(*waiting.popleft(), hole)
            while waiting:
                yield from _outside(*waiting.popleft(), hole)


def stream(header: bytes, blocks: Iterable[tuple[Block, bytes]]) -> bytes:
    """An .xz file of these blocks, each with its data; `header` is its first 12 bytes."""
    rows = list(blocks)
    index = b"\0" + _number(len(rows))
    index += b"".join(_number(block.size) + _number(block.length) for block, _ in rows)
    index = _padded(index)
    index += struct.pack("<I", zlib.crc32(index))
    flags = struct.pack("<I", len(index) // 4 - 1) + header[6:8]
    footer = struct.pack("<I", zlib.crc32(flags)) + flags + b"YZ"
    return header + b"".join(data for _, data in rows) + index + footer


def _outside(block: Block, result: Future[bytes], hole: tuple[int, int]) -> Iterator[memoryview]:
    data = memoryview(result.result())
    before, behind = (min(max(at - block.start, 0), block.length) for at in hole)
    yield from (piece for piece in (data[:before], data[behind:]) if piece)


def _blocks(index: bytes, offset: int) -> Iterator[Block]:
    """The blocks that an index lists (4.3); the first one is at `offset`."""
    numbers = _numbers(index[1:])
    start = 0
    for _ in range(next(numbers)):
        size, length = next(numbers), next(numbers)
        yield Block(offset, size, start, length)
        offset += size + -size % 4
        start += length


def _numbers(data: bytes) -> Iterator[int]:
    """Integers of variable length (1.2): seven bits per byte, the lowest first."""
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0


def _number(value: int) -> bytes:
    data = bytearray()
    while value >= 0x80:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
