"""Fetches one commit of a git repository into a folder, verified. No hooks, no prompts."""

from __future__ import annotations

import re
import shutil
import socket
import urllib.parse
from typing import TYPE_CHECKING

from pytest_mlbench import process, progress
from pytest_mlbench.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

    from .hosts import Hosts

QUICK_TIMEOUT = 60.0
FETCH_TIMEOUT = 900.0
CONNECT_TIMEOUT = 10.0
ATTEMPTS = 2

# Inside a git hook, these are set to another repository.
_UNSET = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_EXTERNAL_DIFF",
)

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.fsmonitor=false",
    "core.askPass=",
    "credential.helper=",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.detachedHead=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
)

_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_SSH_COMMAND": f"ssh -oBatchMode=yes -oConnectTimeout={CONNECT_TIMEOUT:.0f}",
}

# Messages of a server that refuses commits without a branch or tag, or cannot serve a shallow
# history.
_NO_SINGLE = (
    r"not our ref|unadvertised object|does not allow request|shallow capabilities"
    r"|does not support shallow|Couldn't find remote ref|couldn't find remote ref"
)
_UNREACHABLE = (
    r"Could not resolve|unable to look up|Connection refused|timed out|Failed to connect"
    r"|Network is unreachable|No route to host|Couldn't connect"
)
_BROKEN_OFF = r"early EOF|RPC failed|hung up|disconnect|unexpected EOF|reset by peer|GnuTLS|curl 18"


def git(
    *words: str | Path, cwd: Path | None = None, timeout: float = QUICK_TIMEOUT
) -> process.Finished:
    """Runs git with our settings. Raises Unavailable if git is not installed."""
    if shutil.which("git") is None:
        raise Unavailable("there is no git on PATH", remedy="Install git")
    command: list[str | Path] = ["env"]
    for name in _UNSET:
        command += ["-u", name]
    command.append("git")
    for setting in _SETTINGS:
        command += ["-c", setting]
    return process.run([*command, *words], cwd=cwd, timeout=timeout, env=_ENVIRONMENT)


def fetch(url: str, commit: str, folder: Path, *, name: str, hosts: Hosts) -> str:
    """Checks out `commit` of the repository at `url` into the empty `folder`.

    Returns '' on success: `folder` then holds exactly the commit's files, without `.git`. Otherwise
    returns the reason, and leaves `folder` empty.
    """
    reason = hosts.reason(url) or _no_connection(url)
    if reason:
        hosts.mark(url, reason)
        return reason
    with progress.step(f"fetching {name} from {url}"):
        for _ in range(ATTEMPTS):
            reason = _fetch(url, commit, folder)
            if reason:
                _empty(folder)
            if not re.search(_BROKEN_OFF, reason):
                break
    if re.search(_UNREACHABLE, reason):
        hosts.mark(url, reason)
    return reason


def _fetch(url: str, commit: str, folder: Path) -> str:
    done = git("init", "--quiet", "--template=", cwd=folder)
    if done.returncode:
        return _message(done)
    # Check out files as committed, whatever .gitattributes says about line ends.
    info = folder / ".git" / "info"
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text("* -text -ident -filter\n", encoding="utf-8")
    options: list[str] = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"]
    if url.startswith("file:"):
        # A mirror folder often belongs to another user; we trust it because our user named it.
        options.append("--upload-pack=git -c safe.directory=* upload-pack")
    done = git(*options, "--depth=1", url, commit, cwd=folder, timeout=FETCH_TIMEOUT)
    if done.returncode and re.search(_NO_SINGLE, done.error_text):
        refs = [f"+refs/{kind}/*:refs/all/{kind}/*" for kind in ("heads", "tags")]
        done = git(*options, url, *refs, cwd=folder, timeout=FETCH_TIMEOUT)
    if done.returncode or done.timed_out:
        return _message(done)
    done = git(
        "checkout", "--quiet", "--force", "--detach", commit, cwd=folder, timeout=FETCH_TIMEOUT
    )
    if done.returncode or done.timed_out:
        found = git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}", cwd=folder)
        return _message(done) if found.text.strip() == commit else f"{url} has no commit {commit}"
    status = git(
        "status", "--porcelain=v2", "--branch", "--ignored", cwd=folder, timeout=FETCH_TIMEOUT
    )
    rows = status.text.splitlines()
    clean = [f"# branch.oid {commit}", "# branch.head (detached)"]
    if status.returncode or status.timed_out or rows != clean:
        return f"the checkout of {commit} from {url} is not clean"
    shutil.rmtree(folder / ".git")
    return ""


def advertised(url: str, ref: str) -> str:
    """The commit that `ref` (a tag) names in the repository at `url`; empty if there is none.

    Raises Unavailable, with the reason, if the repository cannot be reached.
    """
    reason = _no_connection(url)
    if reason:
        raise Unavailable(reason)
    done = git("ls-remote", url, "HEAD", ref, f"{ref}^{{}}")
    if done.returncode or done.timed_out:
        raise Unavailable(_message(done))
    rows: dict[str, str] = {}
    for line in done.text.splitlines():
        found, _, what = line.partition("\t")
        rows[what] = found
    return rows.get(f"{ref}^{{}}") or rows.get(ref, "")


def _no_connection(url: str) -> str:
    """Why the host of `url` cannot be reached. Takes seconds; git itself would take minutes."""
    parts = urllib.parse.urlsplit(url)
    port = {"http": 80, "https": 443, "git": 9418}.get(parts.scheme)
    from urllib.request import getproxies  # brings an HTTP client and TLS along

    proxies = getproxies()
    if port is None or not parts.hostname or {parts.scheme, "all"} & set(proxies):
        return ""
    if git("config", "--get-regexp", r"^(http\..*proxy|url\..*insteadof)$").text.strip():
        return ""  # git does not connect to that host directly
    try:
        socket.create_connection((parts.hostname, parts.port or port), CONNECT_TIMEOUT).close()
    except OSError as error:
        return f"{parts.netloc} cannot be reached ({error.strerror or error})"
    return ""


def _message(done: process.Finished) -> str:
    if done.timed_out:
        return "it took too long"
    lines = [line.strip() for line in done.error_text.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
    return telling[0][:240] if telling else f"git ended with {done.returncode}"


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
