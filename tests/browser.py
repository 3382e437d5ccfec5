"""Headless Chromium for tests of pages: what a reader of the page gets."""

from __future__ import annotations

import base64
import json
import re
import resource
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--allow-file-access-from-files",
    "--virtual-time-budget=3000",
)


def find() -> str:
    """The browser's program; skips the test where there is none."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on PATH: install chromium (Debian: apt install chromium)")


@dataclass(frozen=True)
class Browser:
    """Each call is a new browser with a profile of its own below `folder`."""

    program: str
    folder: Path

    def run(self, *arguments: str) -> str:
        """Standard output of one run."""
        profile = self.folder / f"profile-{len(list(self.folder.iterdir()))}"
        done = subprocess.run(
            [self.program, *FLAGS, f"--user-data-dir={profile}", *arguments],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def ask(self, page: str, script: str, *, width: int, dark: bool = False) -> Any:
        """What the function body `script` returns in a page that is `width` wide.

        The page is in a frame, since a browser's own window cannot be as narrow as a phone's.
        """
        probe = (
            "<script>addEventListener('load', () => setTimeout(() => {"
            f"const answer = (() => {{ {script} }})();"
            "parent.postMessage(JSON.stringify(answer), '*'); }, 50))</script></body>"
        )
        inner, outer = self.folder / "inner.html", self.folder / "outer.html"
        inner.write_text(page.replace("</body>", probe))
        outer.write_text(
            f'<body style="margin:0"><iframe src="inner.html" style="border:0;width:{width}px;'
            'height:900px"></iframe><script>addEventListener("message", (event) => {'
            'const pre = document.createElement("pre"); pre.id = "answer";'
            "pre.textContent = btoa(unescape(encodeURIComponent(event.data)));"
            "document.body.append(pre); })</script></body>"
        )
        theme = ["--force-dark-mode"] if dark else []
        text = self.run(
            *theme, f"--window-size={max(width, 520)},900", "--dump-dom", outer.as_uri()
        )
        found = re.search(r'<pre id="answer">([^<]*)</pre>', text)
        assert found, "the page did not answer"
        return json.loads(base64.b64decode(found[1]))

    def seconds(self, page: Path) -> float:
        """Processor time of showing `page`, all of the browser's processes together."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.run("--window-size=1400,1000", f"--screenshot={self.folder / 'x.png'}", page.as_uri())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def pdf(self, page: str) -> bytes:
        """`page` as printed."""
        source, out = self.folder / "print.html", self.folder / "print.pdf"
        source.write_text(page)
        self.run("--no-pdf-header-footer", f"--print-to-pdf={out}", source.as_uri())
        return out.read_bytes()
