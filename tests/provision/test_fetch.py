from __future__ import annotations

import contextlib
import errno
import hashlib
import pickle
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench.errors import DiskFull, FetchRefused, Unavailable, UsageError
from pytest_mlbench.provision import download, fetch, hosts
from pytest_mlbench.provision.fetch import Fetcher, normalise_mirror
from pytest_mlbench.provision.pinned import Artifact, Pins

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopback import Site

    from pytest_mlbench.provision.cache import Cache

CONTENT = b"a model of some bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = "zoo/model.tflite"
MIRRORED = f"/files/{SHA256}/model.tflite"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download.time, "sleep", lambda _: None)


def pinned(url: str = "") -> Pins:
    pin = Artifact(NAME, SHA256, len(CONTENT), url=url)
    other = replace(pin, name="zoo/other.tflite", sha256="1" * 64)
    return Pins(artifacts=MappingProxyType({NAME: pin, other.name: other}))


def folder_mirror(folder: Path, content: bytes = CONTENT) -> str:
    file = folder / "mirror" / MIRRORED[1:]
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return str(folder / "mirror")


def kept(cache: Cache) -> list[str]:
    """What is in the cache's folder of files, hidden temporaries included."""
    folder = cache.root / "files"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_from_a_mirror_in_a_folder(cache: Cache, tmp_path: Path) -> None:
    mirror = folder_mirror(tmp_path)
    for place in (mirror, Path(mirror).as_uri(), mirror + "/"):
        file = Fetcher(cache, mirror=place, pins=pinned()).artifact(NAME)
        assert file.read_bytes() == CONTENT
        assert file.name == "model.tflite"


def test_the_cache_comes_first(cache: Cache, site: Site) -> None:
    site.answers["/up/model"] = CONTENT
    fetcher = Fetcher(cache, pins=pinned(site.url + "/up/model"))
    assert fetcher.artifact(NAME).read_bytes() == CONTENT
    assert fetcher.artifact(NAME).read_bytes() == CONTENT
    offline = Fetcher(cache, offline=True, pins=pinned(site.url + "/up/model"))
    assert offline.artifact(NAME).read_bytes() == CONTENT
    assert site.asked == ["/up/model"]


def test_a_mirror_on_the_web_comes_before_upstream(cache: Cache, site: Site) -> None:
    site.answers = {"/m" + MIRRORED: CONTENT, "/up/model": CONTENT}
    fetcher = Fetcher(cache, mirror=site.url + "/m/", pins=pinned(site.url + "/up/model"))
    assert fetcher.artifact(NAME).read_bytes() == CONTENT
    assert site.asked == ["/m" + MIRRORED]


def test_upstream_is_asked_for_what_the_mirror_lacks(cache: Cache, site: Site) -> None:
    site.answers = {"/up/model": CONTENT}
    fetcher = Fetcher(cache, mirror=site.url + "/m", pins=pinned(site.url + "/up/model"))
    assert fetcher.artifact(NAME).read_bytes() == CONTENT
    assert site.asked == ["/m" + MIRRORED, "/up/model"]


@pytest.mark.parametrize("wrong", [b"", CONTENT[:-1], CONTENT + b"!", b"x" * len(CONTENT)])
@pytest.mark.parametrize("place", ["folder", "web", "upstream"])
def test_wrong_content_is_refused_and_not_kept(
    cache: Cache, tmp_path: Path, site: Site, wrong: bytes, place: str
) -> None:
    site.answers = {"/m" + MIRRORED: wrong, "/up/model": CONTENT if place == "web" else wrong}
    mirror = {"folder": folder_mirror(tmp_path, wrong), "web": site.url + "/m"}.get(place)
    fetcher = Fetcher(cache, mirror=mirror, pins=pinned(site.url + "/up/model"))
    with pytest.raises(FetchRefused) as caught:
        fetcher.artifact(NAME)
    text = str(caught.value)
    assert SHA256 in text
    if len(wrong) <= len(CONTENT):
        assert hashlib.sha256(wrong).hexdigest() in text
    assert (mirror or site.url) in text
    assert kept(cache) == []
    if place == "web":  # a mirror with wrong content is told, not passed over in silence
        assert "/up/model" not in site.asked


def test_a_file_that_does_not_end_is_cut_off(cache: Cache, site: Site) -> None:
    sent = [0]

    def endless(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while sent[0] < 50_000_000:
                handler.wfile.write(b"x" * 10_000)
                sent[0] += 10_000
        except OSError:
            pass

    site.answers["/up/model"] = endless
    with pytest.raises(FetchRefused):
        Fetcher(cache, pins=pinned(site.url + "/up/model")).artifact(NAME)
    assert sent[0] < 20_000_000
    assert kept(cache) == []


def test_a_mirrors_file_is_read_no_further_than_its_size(cache: Cache, tmp_path: Path) -> None:
    mirror = folder_mirror(tmp_path)
    with (Path(mirror) / MIRRORED[1:]).open("wb") as file:
        file.truncate(1 << 40)
    began = time.monotonic()
    with pytest.raises(FetchRefused, match=f"found {1 << 40} bytes"):
        Fetcher(cache, mirror=mirror, pins=pinned()).artifact(NAME)
    assert time.monotonic() - began < 60, "a terabyte takes minutes"
    assert kept(cache) == []


def test_a_mirrors_file_that_hides_its_size_is_read_no_further(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel's files say that they hold nothing."""
    place = Path(folder_mirror(tmp_path)) / MIRRORED[1:]
    place.unlink()
    place.symlink_to("/proc/self/maps")
    if not place.is_file() or place.stat().st_size:
        pytest.skip("there is no /proc here")
    copied = []
    real = fetch.check

    def noting(pin: Artifact, path: Path, origin: str) -> None:
        copied.append(path.stat().st_size)
        real(pin, path, origin)

    monkeypatch.setattr(fetch, "check", noting)
    with pytest.raises(FetchRefused):
        Fetcher(cache, mirror=str(tmp_path / "mirror"), pins=pinned()).artifact(NAME)
    assert copied == [len(CONTENT)]


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_drip_has_an_end(
    cache: Cache, site: Site, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.undo()  # this one sleeps
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "GRACE", 1.0)
    ended = threading.Event()

    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        if where == "body":
            handler.end_headers()
        with contextlib.suppress(OSError):
            for byte in b"X-Slow: " + b"x" * 150:  # so that this test ends, too
                if ended.wait(0.1):
                    break
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()

    site.answers["/up/model"] = drip
    big = Pins(artifacts={NAME: replace(pinned().artifact(NAME), url=site.url + "/up/model")})
    began = time.monotonic()
    with pytest.raises(Unavailable, match="is too slow"):
        Fetcher(cache, pins=big).artifact(NAME)
    ended.set()
    assert time.monotonic() - began < 15, "the server drips for 16 s"
    assert len(site.asked) == 1
    assert kept(cache) == []


def test_a_full_disk_is_not_blamed_on_the_mirror(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def full(path: Path, mode: str = "r", *more: Any, **options: Any) -> Any:
        return real(Path("/dev/full") if "w" in mode else path, mode, *more, **options)

    mirror = folder_mirror(tmp_path)
    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(DiskFull, match=r"cache .*: the disk is full"):
        Fetcher(cache, mirror=mirror, pins=pinned()).artifact(NAME)


def test_a_mirror_that_cannot_be_read_is_told(cache: Cache, tmp_path: Path) -> None:
    mirror = folder_mirror(tmp_path)
    file = Path(mirror) / MIRRORED[1:]

    real = Path.open

    def denied(path: Path, *more: Any, **options: Any) -> Any:
        if path == file:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *more, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", denied)
        with pytest.raises(Unavailable, match=f"cannot read {file}: Permission denied"):
            Fetcher(cache, mirror=mirror, pins=pinned()).artifact(NAME)


def test_a_damaged_file_in_the_cache_is_fetched_again(cache: Cache, tmp_path: Path) -> None:
    fetcher = Fetcher(cache, mirror=folder_mirror(tmp_path), pins=pinned())
    file = fetcher.artifact(NAME)
    file.write_bytes(b"y" * len(CONTENT))
    assert fetcher.artifact(NAME).read_bytes() == CONTENT


def test_a_broken_transfer_is_tried_again(cache: Cache, site: Site) -> None:
    def half(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT if site.asked.count("/up/model") == 3 else CONTENT[:5])
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)

    site.answers["/up/model"] = half
    file = Fetcher(cache, pins=pinned(site.url + "/up/model")).artifact(NAME)
    assert file.read_bytes() == CONTENT
    assert site.asked == ["/up/model"] * 3


@pytest.mark.parametrize(("status", "times"), [(404, 1), (403, 1), (500, 3), (503, 3), (429, 3)])
def test_refusals_are_final_and_faults_are_tried_again(
    cache: Cache, site: Site, status: int, times: int
) -> None:
    site.answers["/up/model"] = status
    with pytest.raises(Unavailable, match=f"answered {status}"):
        Fetcher(cache, pins=pinned(site.url + "/up/model")).artifact(NAME)
    assert len(site.asked) == times


def test_what_cannot_be_had_says_where_it_was_looked_for(
    cache: Cache, tmp_path: Path, site: Site
) -> None:
    (tmp_path / "empty").mkdir()
    fetcher = Fetcher(cache, mirror=str(tmp_path / "empty"), pins=pinned(site.url + "/up/model"))
    with pytest.raises(Unavailable) as caught:
        fetcher.artifact(NAME)
    text = str(caught.value)
    for word in ("cache", str(tmp_path / "empty"), "answered 404", "--mlbench-mirror", "provision"):
        assert word in text


def test_offline_asks_nobody(cache: Cache, tmp_path: Path, site: Site) -> None:
    site.answers = {"/m" + MIRRORED: CONTENT, "/up/model": CONTENT}
    pins = pinned(site.url + "/up/model")
    with pytest.raises(Unavailable, match="not used offline"):
        Fetcher(cache, mirror=site.url + "/m", offline=True, pins=pins).artifact(NAME)
    assert site.asked == []
    mirror = folder_mirror(tmp_path)
    assert Fetcher(cache, mirror=mirror, offline=True, pins=pins).artifact(NAME).is_file()


def unused_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    calls: list[str] = []
    real = download.download

    def count(pin: Artifact, url: str, target: Path) -> tuple[str, bool]:
        calls.append(url)
        return real(pin, url, target)

    monkeypatch.setattr(download, "download", count)
    return calls


def refused(fetcher: Fetcher) -> None:
    for name in fetcher.pins.artifacts:
        with pytest.raises(Unavailable, match="cannot be reached"):
            fetcher.artifact(name)


def test_a_host_out_of_reach_is_asked_once_in_a_session(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = counted(monkeypatch)
    url = f"http://127.0.0.1:{unused_port()}/model"
    refused(Fetcher(cache, pins=pinned(url), session="one"))
    refused(Fetcher(cache, pins=pinned(url), session="one"))  # another worker of the same run
    assert len(calls) == 1
    refused(Fetcher(cache, pins=pinned(url), session="two"))  # the next run asks afresh
    assert len(calls) == 2


def test_without_a_session_a_host_is_asked_again_after_a_while(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = counted(monkeypatch)
    url = f"http://127.0.0.1:{unused_port()}/model"
    refused(Fetcher(cache, pins=pinned(url)))
    refused(Fetcher(cache, pins=pinned(url)))
    assert len(calls) == 1
    now = time.time()
    monkeypatch.setattr(hosts.time, "time", lambda: now + hosts.VALID + 1)
    refused(Fetcher(cache, pins=pinned(url)))
    assert len(calls) == 2
    fetcher = Fetcher(cache, pins=pinned(url))
    fetcher.hosts.forget()
    refused(fetcher)
    assert len(calls) == 3


def test_a_host_that_does_not_answer_costs_one_timeout(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "READ_TIMEOUT", 0.2)
    with socket.socket() as silent:  # accepts, and never says a word
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        calls = counted(monkeypatch)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/model"
        fetcher = Fetcher(cache, pins=pinned(url))
        for name in fetcher.pins.artifacts:
            with pytest.raises(Unavailable, match="timed out"):
                fetcher.artifact(name)
    assert len(calls) == 1


def test_a_name_that_is_not_pinned_is_refused(cache: Cache) -> None:
    with pytest.raises(UsageError, match=r"Did you mean 'zoo/model\.tflite'"):
        Fetcher(cache, pins=pinned()).artifact("zoo/modl.tflite")


@pytest.mark.parametrize(
    ("mirror", "said"),
    [
        ("/no/such/folder", "is not a folder"),
        ("ftp://host/x", "nor an http, https or file URL"),
        ("http://", "nor an http, https or file URL"),
        ("http://[::1", "is not a URL"),
        ("http://host:port", "is not a URL"),
    ],
)
def test_a_wrong_mirror_is_refused(cache: Cache, mirror: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Fetcher(cache, mirror=mirror)


def test_mirrors_are_written_in_several_ways(tmp_path: Path) -> None:
    cases: list[tuple[str | None, Callable[[], object]]] = [
        (None, lambda: None),
        ("", lambda: None),
        (str(tmp_path), lambda: tmp_path),
        (tmp_path.as_uri(), lambda: tmp_path),
        ("https://host/a/b/", lambda: "https://host/a/b"),
    ]
    for given, expected in cases:
        assert normalise_mirror(given) == expected()


def test_errors_cross_process_borders(cache: Cache) -> None:
    with pytest.raises(Unavailable) as caught:
        Fetcher(cache, offline=True, pins=pinned()).artifact(NAME)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
