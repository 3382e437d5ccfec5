"""Headless Chromium for tests of pages: what a reader of the page gets.

One browser shows all pages, each in a tab of its own. It is spoken to in the Chrome DevTools
Protocol (https://chromedevtools.github.io/devtools-protocol/) over two pipes.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-pipe",
)
_BEGIN = """\
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Becomes the browser, which reads commands from 3 and writes answers to 4."""

PATIENCE = 120.0
"""Seconds that the browser has for an answer."""


def find() -> str:
    """The browser's program; skips the test where there is none."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on PATH: install chromium (Debian: apt install chromium)")


class Browser:
    """A running browser with a profile of its own in the empty folder `folder`."""

    def __init__(self, program: str, folder: Path) -> None:
        self.folder = folder
        self._messages = 0
        self._buffer = b""
        self._events: list[dict[str, Any]] = []
        reads, self._write = os.pipe()
        self._read, writes = os.pipe()
        # Neither end may be in the way of the other, when they become 3 and 4.
        high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (reads, writes)]
        command = [
            *(sys.executable, "-I", "-S", "-c", _BEGIN, *map(str, high), program, *FLAGS),
            *(f"--user-data-dir={folder / 'profile'}", "about:blank"),
        ]
        with (folder / "told.txt").open("wb") as told:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=told, stderr=told, pass_fds=high,
            )  # fmt: skip
        for end in (reads, writes, *high):
            os.close(end)

    def end(self) -> None:
        """Close the browser."""
        with contextlib.suppress(OSError):
            self._send("Browser.close", {}, None)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)
        os.close(self._write)

    @contextlib.contextmanager
    def tab(self, page: str, *, width: int, dark: bool = False) -> Iterator[Tab]:
        """A tab that shows the HTML text `page` in a window that is `width` wide."""
        place = self.folder / "page.html"
        place.write_text(page, encoding="utf-8")
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session)
        tab.call("Page.enable")
        tab.look(width=width, dark=dark)
        tab.call("Page.navigate", url=place.as_uri())
        self._until("Page.loadEventFired", session)
        yield tab
        self.call("Target.closeTarget", targetId=target)

    def ask(self, page: str, script: str, *, width: int, dark: bool = False) -> Any:
        """What the function body `script` returns in a page that is `width` wide."""
        with self.tab(page, width=width, dark=dark) as tab:
            return tab.ask(script)

    def seconds(self) -> float:
        """Processor time that all of the browser's living processes together have used."""
        rows = self.call("SystemInfo.getProcessInfo")["processInfo"]
        return float(sum(row["cpuTime"] for row in rows))

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """The result of one command."""
        number = self._send(method, parameters, session)
        while (message := self._receive()).get("id") != number:
            self._events.append(message)
        assert "error" not in message, f"{method}: {message['error']}"
        return dict(message["result"])

    def _until(self, event: str, session: str) -> None:
        while not any((row.get("method"), row.get("sessionId")) == (event, session)
                      for row in self._events):  # fmt: skip
            self._events.append(self._receive())
        self._events.clear()

    def _send(self, method: str, parameters: dict[str, Any], session: str | None) -> int:
        self._messages += 1
        message = {"id": self._messages, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]
        return self._messages

    def _receive(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        parts = [self._buffer]
        while b"\0" not in parts[-1]:
            left = until - time.monotonic()
            ready = left > 0 and select.select([self._read], [], [], left)[0]
            part = os.read(self._read, 1 << 20) if ready else b""
            told = (self.folder / "told.txt").read_text("utf-8", "replace")
            assert part, f"the browser does not answer: {told[-2000:]}"
            parts.append(part)
        message, _, self._buffer = b"".join(parts).partition(b"\0")
        return dict(json.loads(message))


class Tab:
    """A page that is shown."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of one command."""
        return self._browser.call(method, self._session, **parameters)

    def look(self, *, width: int, dark: bool = False) -> Tab:
        """Look at the page in a window that is `width` wide, in the light or the dark theme."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[theme])
        until = time.monotonic() + PATIENCE
        shown = "return [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]"
        while self.ask(shown) != [width, dark]:
            assert time.monotonic() < until, f"the window does not become {width} wide"
        return self

    def ask(self, script: str) -> Any:
        """What the function body `script` returns, 50 ms from now."""
        code = f"new Promise((found) => setTimeout(() => found((() => {{ {script} }})()), 50))"
        answer = self.call(
            "Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def painted(self) -> bytes:
        """The window's picture, in PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot")["data"])

    def pdf(self) -> bytes:
        """The page as printed."""
        return base64.b64decode(self.call("Page.printToPDF")["data"])
