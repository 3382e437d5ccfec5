"""Downloads one pinned file over HTTP, with limits on time, size and attempts.

Separate from `fetch`, because importing the HTTP library would slow down runs that only read the
cache.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, BinaryIO

import pooch
import requests

from pytest_mlbench import progress

from .hosts import host_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .pinned import Artifact

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
ATTEMPTS = 3
GRACE = 60.0
LEAST_RATE = 20_000.0
"""Minimum rate in bytes/s. An attempt may take `GRACE` seconds plus the time at this rate."""


def download(pin: Artifact, url: str, target: Path) -> tuple[str, bool]:
    """Downloads `url` to `target`; the caller checks the content.

    Returns the reason of a failure (empty on success), and whether the host caused it and should
    not be tried again soon. A refusal (4xx) is final; a broken connection is retried.
    """
    reason = ""
    with progress.step(f"downloading {pin.name}") as step:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(0.2 * 4**attempt)
            limit = GRACE + pin.size / LEAST_RATE
            try:
                _within(limit, lambda: _stream(url, target, pin.size, step))
            except _TooSlowError:
                return f"{host_of(url)} is too slow (not done after {limit:.0f} s)", True
            except requests.HTTPError as error:
                status = error.response.status_code if error.response is not None else 0
                reason = f"{host_of(url)} answered {status}"
                if 400 <= status < 500 and status != 429:
                    return reason, False
            except requests.ConnectionError as error:
                reason = f"{host_of(url)} cannot be reached ({_short(error)})"
                if _hopeless(error):
                    break
            except (requests.RequestException, ValueError) as error:
                reason = f"{host_of(url)} closed the connection ({_short(error)})"
            else:
                return "", False
    return reason, True


class _Writer:
    """The file of a download: shows progress, and stops a download that is too long or too slow."""

    def __init__(self, file: BinaryIO, size: int, step: progress.Step) -> None:
        self._file = file
        self._size = size
        self._step = step
        self._done = 0
        self._until = time.monotonic() + GRACE + size / LEAST_RATE

    def write(self, block: bytes) -> int:
        self._done += len(block)
        self._step.update(f"{self._done / 1e6:.1f} of {self._size / 1e6:.1f} MB")
        self._file.write(block)
        if self._done > self._size:
            raise _TooLongError
        if time.monotonic() > self._until:
            raise _TooSlowError  # the caller has stopped waiting
        return len(block)

    def flush(self) -> None:
        """Does nothing: closing the file flushes it."""


class _TooLongError(Exception):
    """More bytes arrived than the pin allows."""


class _TooSlowError(Exception):
    """The time limit of an attempt is over."""


def _within(limit: float, step: Callable[[], None]) -> None:
    """Runs `step` for at most `limit` seconds. Raises what it raises, or _TooSlowError.

    A server that sends a byte now and then never exceeds the time limit of a single read. So the
    step runs in a thread, which is abandoned when its time is over.
    """
    failed: list[BaseException] = []

    def call() -> None:
        try:
            step()
        except BaseException as error:  # noqa: BLE001 (handed to the caller)
            failed.append(error)

    thread = threading.Thread(target=call, name="mlbench-download", daemon=True)
    thread.start()
    thread.join(limit)
    if thread.is_alive():
        raise _TooSlowError
    if failed:
        raise failed.pop()  # drop our reference, because the error holds the connection


def _stream(url: str, target: Path, size: int, step: progress.Step) -> None:
    downloader = pooch.HTTPDownloader(
        timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
        headers={"Accept-Encoding": "identity", "User-Agent": "pytest-mlbench"},
    )
    # A file that is too long has a wrong checksum, which `check` reports.
    with target.open("wb") as file, contextlib.suppress(_TooLongError):
        downloader(url, _Writer(file, size, step), None)


def _hopeless(error: requests.ConnectionError) -> bool:
    """Is a second attempt pointless, because the host does not exist or refuses connections?"""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    return any(word in str(error) for word in ("NameResolutionError", "resolve", "refused"))


def _short(error: BaseException) -> str:
    """The innermost cause of a requests error, in one line."""
    inner: BaseException = error
    while True:
        deeper = getattr(inner, "reason", None) or inner.__cause__ or inner.__context__
        if not isinstance(deeper, BaseException) or deeper is inner:
            break
        inner = deeper
    text = " ".join(str(getattr(inner, "strerror", None) or inner).split())
    return text[:120] or type(inner).__name__
