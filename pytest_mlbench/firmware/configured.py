"""Configured projects in the cache: CMake is not asked twice about the same project.

What CMake writes depends on the project's text and its settings, not on what the sources hold. A
model that has changed is built with the build file of the time before, in which only the folders
are others. Projects with a CMakeLists.txt of a component are always configured.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from . import cmake, contents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_mlbench import process
    from pytest_mlbench.provision.cache import Cache

    from .project import Unit

_KIND = "projects"
_SCHEMA = 1
_FILES = ("build.ninja", "CMakeFiles/rules.ninja", "compile_commands.json")
"""What Ninja reads, and the commands; relative to the build folder."""

_PLAIN = re.compile(r"[\w./+-]+")
"""Folders that CMake writes as they are, without quotes or escapes."""

_LONGEST = 900
"""CMake names object files by hashes where the paths of build and source have 1,000 bytes."""


class Configured:
    """Configures one build, or takes what CMake wrote for an equal one from the cache."""

    def __init__(
        self, run: cmake.CMake, text: str, version: str, units: Sequence[Unit], cache: Cache
    ) -> None:
        """`text`: the project's CMakeLists.txt; `version`: CMake's."""
        self._run = run
        self._cache = cache
        # The build's folder is inside the cache's. Names that no path on a command line has.
        self._folders = {f"{run.source.parent}": "<build>", f"{cache.root.resolve()}": "<cache>"}
        facts = {
            "schema": _SCHEMA,
            "cmake": [str(run.program), version],
            "project": self._neutral(text),
            "settings": self._neutral(cmake.init_cache(run.settings)),
        }
        self._key = contents.digest(facts)
        paths = [source for unit in units for source in unit.sources]
        longest = max(map(len, [*self._folders, *paths]))
        self._known = (
            all(map(_PLAIN.fullmatch, self._folders))
            and not any(name in text for name in self._folders.values())
            and not any(unit.cmake for unit in units)
            and 2 * longest < _LONGEST
        )
        self.artifacts: list[cmake.Artifact] = []

    def configure(self) -> process.Finished | None:
        """How CMake ended; None if it was not needed. Sets `artifacts` if it went well."""
        if self._known and self._take():
            return None
        done = self._run.configure()
        if done.returncode == 0 and not done.timed_out:
            self.artifacts = self._run.artifacts()
            if self._known:
                self._store()
        return done

    def _take(self) -> bool:
        entry = self._cache.find(_KIND, self._key)
        if entry is None:
            return False
        try:
            known = json.loads((entry / "project.json").read_text(encoding="utf-8"))
        except OSError:  # removed meanwhile
            return False
        for name, text in known["files"].items():
            path = self._run.build / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._own(text), encoding="utf-8")
        self.artifacts = [
            cmake.Artifact(target, kind, self._run.build / path)
            for target, kind, path in known["artifacts"]
        ]
        return True

    def _store(self) -> None:
        build = self._run.build
        files = {name: self._neutral((build / name).read_text("utf-8")) for name in _FILES}
        if any(self._run.source.parent.name in text for text in files.values()):
            return  # the folder goes by another name, too
        known: dict[str, Any] = {
            "files": files,
            "artifacts": [
                [each.target, each.kind, each.path.relative_to(build).as_posix()]
                for each in self.artifacts
            ],
        }

        def fill(folder: Path) -> None:
            text = json.dumps(known, sort_keys=True)
            (folder / "project.json").write_text(text, encoding="utf-8")

        self._cache.entry(_KIND, self._key, fill, exact=True)

    def _neutral(self, text: str) -> str:
        for folder, name in self._folders.items():
            text = text.replace(folder, name)
        return text

    def _own(self, text: str) -> str:
        for folder, name in self._folders.items():
            text = text.replace(name, folder)
        return text
