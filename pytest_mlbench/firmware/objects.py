"""Object files of this package's own sources and of generated ones, compiled once for all firmware.

Kernels, start-up code and main loop are the same in many firmware, and a model is often built again
with other kernels. CMake and Ninja still build every firmware as a whole; object files of the cache
whose keys are equal are copied to their places before, and their rules are left out. A key covers
the compiler's identity, the command without defines that the source cannot see (`visible`), the
source and every file that it could include, so the bytes are the ones that the compiler would
write. Sources of users and of pinned projects are always compiled, and nothing is stored of a build
with warnings for the user, who would miss them the next time.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import contents, flags, inputs, visible
from .components import Component

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mlbench.provision.cache import Cache

PACKAGE = Path(__file__).resolve().parents[1]
_KIND = "objects"
_IN_COMMANDS = ("isa", "common", "cxx")
_MAP = re.compile(r"-f(?:file|debug)-prefix-map=(.*)=[^=]*")
_PLAIN = re.compile(r"[\w./+@,-]+")
"""Paths that need no quoting in a depfile."""

_HERE = "<build>"
"""Stands for the folder of a build in a stored depfile."""


@dataclass(frozen=True)
class Compile:
    """One compile of a source of this package, or of a `generated` one, which is in the folder of
    the build. `output`: the object file, in the build folder."""

    source: Path
    output: str
    words: tuple[str, ...]
    searched: tuple[Path, ...]
    generated: bool = False

    def key(self, facts: Mapping[str, Any], hashes: Mapping[Path, str]) -> str:
        """The cache key. `facts` describe what all compiles of a build have in common; `hashes`
        are those of the folders that are searched."""
        own = Component("object", sources=(self.source,))
        return contents.digest(
            {
                "build": dict(facts),
                "words": list(self.words),
                "source": contents.component(own),
                "searched": [hashes[path] for path in self.searched],
            }
        )

    def covers(self, read: Sequence[Path], folder: Path, accounted_for: Sequence[Path]) -> bool:
        """Does the key hold every file of `read`? `folder` holds the build.

        Of this build's own files, only a generated source has others in its key.
        """
        known = Component("object", sources=(self.source,), headers=self.searched)
        inside = [path for path in read if path.is_relative_to(folder)]
        if inside and not (self.generated and all(map(contents.includable, inside))):
            return False
        outside = [path for path in read if not path.is_relative_to(folder)]
        return not (
            inputs.beyond(outside, [known], accounted_for) or inputs.beyond(inside, [known])
        )


def compiles(database: Iterable[Mapping[str, str]], folder: Path) -> list[Compile]:
    """The compiles of `database` whose object files may be stored; `folder` holds the build."""
    found = []
    for row in database:
        source = Path(row["file"])
        generated = source.is_relative_to(folder)
        if not generated and not source.is_relative_to(PACKAGE):
            continue
        words = flags.words_of(row)
        searched = tuple(map(Path, _searched(words)))
        if not all(path.is_dir() for path in searched):
            continue
        near = _near(words, source)
        kept = visible.words(
            [word for word in words if not _maps_elsewhere(word, near, f"{folder}", generated)],
            source,
            searched,
        )
        named = tuple(word.replace(str(folder), "@") for word in kept)
        if any(folder.name in word for word in named):
            continue  # the folder goes by another name: no other build could have this key
        found.append(Compile(source, flags.output(row), named, searched, generated))
    return found


class Objects:
    """The object files of one build: offered before it, stored after it.

    `facts` describe what all compiles have in common; `folder` holds the build, and `database` is
    its compile database.
    """

    def __init__(
        self,
        cache: Cache,
        facts: Mapping[str, Any],
        folder: Path,
        database: Iterable[Mapping[str, str]],
    ) -> None:
        self._cache = cache
        # Each command names its own ISA and options.
        self._facts = {name: fact for name, fact in facts.items() if name not in _IN_COMMANDS}
        self._folder = folder
        self._build = folder / "build"
        self._compiles = compiles(database, folder)
        self._keys = self._hashed()
        self._missing = set(self._keys)

    def offer(self) -> dict[str, set[Path]]:
        """Puts the object files that the cache has where the build would write them.

        Returns their paths in the build folder, each with the files that its compile read.
        """
        offered: dict[str, set[Path]] = {}
        for output, key in self._keys.items():
            entry = self._cache.find(_KIND, key)
            if entry is None:  # or damaged: compiled again, and stored again
                continue
            place = self._build / output
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                text = (entry / "object.d").read_text(encoding="utf-8")
                shutil.copyfile(entry / "object.o", place)
            except FileNotFoundError:  # removed meanwhile
                place.unlink(missing_ok=True)
                continue
            self._missing.remove(output)
            _, *names = text.replace(_HERE, f"{self._folder}").split(" \\\n ")
            offered[output] = {Path(name.strip()) for name in names}
        return offered

    def store(self, read: Mapping[str, set[Path]], accounted_for: Sequence[Path]) -> None:
        """Stores what was compiled. `read`: output -> the files that its compile read.

        A file that changed meanwhile may be in the object file or not, so it is not stored.
        """
        if not self._missing:
            return
        now = self._hashed()
        for row in self._compiles:
            files = sorted(map(str, read.get(row.output, ())))
            key = self._keys[row.output]
            if row.output not in self._missing or not files or now[row.output] != key:
                continue
            plain = all(map(_PLAIN.fullmatch, [row.output, *files]))
            paths = list(map(Path, files))
            if plain and row.covers(paths, self._folder, accounted_for):
                self._store(row.output, key, files)

    def _hash(self, path: Path, generated: bool) -> str:
        """What a searched folder contributes to the keys of generated sources, or of others.

        Of a folder with generated files, only their names for others: whoever includes one is not
        stored, but a new name may hide a file of another folder.
        """
        if path.is_relative_to(self._folder) and not generated:
            names = sorted(one.relative_to(path).as_posix() for one in path.rglob("*"))
            return contents.digest({"names": names})
        return contents.headers_hash(path)

    def _store(self, output: str, key: str, files: Sequence[str]) -> None:
        def fill(folder: Path) -> None:
            shutil.copyfile(self._build / output, folder / "object.o")
            names = [name.replace(f"{self._folder}/", f"{_HERE}/") for name in files]
            text = " \\\n ".join([f"{output}:", *names]) + "\n"
            (folder / "object.d").write_text(text, encoding="utf-8")

        self._cache.entry(_KIND, key, fill, exact=True)

    def _hashed(self) -> dict[str, str]:
        """Output -> cache key, by what the files hold now."""
        hashes: dict[bool, dict[Path, str]] = {False: {}, True: {}}
        for row in self._compiles:
            known = hashes[row.generated]
            known |= {
                path: self._hash(path, row.generated) for path in row.searched if path not in known
            }
        return {row.output: row.key(self._facts, hashes[row.generated]) for row in self._compiles}


def _searched(words: Sequence[str]) -> list[str]:
    """The folders that the compiler searches for included files, as the options name them."""
    found = []
    for position, word in enumerate(words):
        for option in ("-I", "-isystem", "-iquote", "-idirafter"):
            if word == option:
                found.append(words[position + 1])
            elif word.startswith(option) and (option == "-I" or word != option):
                found.append(word.removeprefix(option))
    return list(dict.fromkeys(found))


def _near(words: Sequence[str], source: Path) -> list[str]:
    """The absolute paths that a compile reads from: its source's folder, and what the command
    names (the compiler, folders, files of options)."""
    named = [word[word.index("/") :] for word in words if "/" in word and not _MAP.fullmatch(word)]
    return [f"{source.parent}", f"{Path(words[0]).resolve()}", *named]


def _maps_elsewhere(word: str, near: Sequence[str], folder: str, generated: bool) -> bool:
    """Does the option rename a folder that the compile cannot see? `folder` holds the build, whose
    folders all have options of their own; sources of this package read nothing in it."""
    match = _MAP.fullmatch(word)
    if match is None:
        return False
    path = match[1]
    inside = _within(path, folder)
    if inside and not generated:
        return True
    return not any(
        _within(path, one) or _within(one, path) for one in near if _within(one, folder) == inside
    )


def _within(path: str, folder: str) -> bool:
    """Is `path` the folder, or below it? As pathlib's `is_relative_to`, but many times as fast."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
