"""Helpers for tests of what fetches: a server on loopback, waiting, fake programs."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Site:
    """An HTTP server on loopback. `answers` maps a path to bytes, a status, or a function."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | int | Callable[[http.server.BaseHTTPRequestHandler], None]]
        self.answers = {}
        self.asked: list[str] = []
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                answer = site.answer(self.path)
                if callable(answer):
                    answer(self)
                elif isinstance(answer, int):
                    self.send_error(answer)
                else:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def answer(self, path: str) -> object:
        """How the request for `path` is answered."""
        return self.answers.get(path, 404)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


def wait_for(happened: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until `happened()`, or fail."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def program(path: Path, text: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text, encoding="utf-8")
    path.chmod(0o755)
    return path


class GitSite(Site):
    """Serves the repositories below a folder over smart HTTP, by git's own `http-backend`.

    `cut` is how many pack answers are broken off in the middle; `packs` counts the answers.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.cut = 0
        self.packs = 0

    def answer(self, path: str) -> object:
        """How the request for `path` is answered."""
        return self.answers.get(path, self._backend)

    def _backend(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        path, _, query = handler.path.partition("?")
        size = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(size)
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": handler.command,
            "CONTENT_TYPE": handler.headers.get("Content-Type") or "",
            "CONTENT_LENGTH": str(size),
            "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding") or "",
            "GIT_PROTOCOL": handler.headers.get("Git-Protocol") or "",
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=env, capture_output=True, check=False
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        rows = [row.split(": ", 1) for row in head.decode().splitlines()]
        fields = {name.lower(): value for name, value in rows}
        handler.send_response(int(fields.pop("status", "200").split()[0]))
        for name, value in fields.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if b"PACK" in content:
            self.packs += 1
            if self.packs <= self.cut:
                content = content[: len(content) // 2]
        handler.wfile.write(content)
        if b"PACK" in content and self.packs <= self.cut:
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_RDWR)
