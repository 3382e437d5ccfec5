"""Object files of this package's own sources, compiled once for every firmware with equal commands.

Kernels, start-up code and main loop are the same in many firmware. CMake and Ninja still build
every firmware as a whole; object files of the cache whose keys are equal are copied to their places
before, and the launcher of the compile rules skips these compiles. A key covers the compiler's
identity, the command without defines that the source cannot see (`visible`), the source and every
file that it could include, so the bytes are the ones that the compiler would write. Sources of
users and of pinned projects are always compiled.
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
LAUNCHER = Path(__file__).with_name("cmake") / "take.sh.in"
_KIND = "objects"
_IN_COMMANDS = ("isa", "common", "cxx")
_MAP = re.compile(r"-f(?:file|debug)-prefix-map=(.*)=[^=]*")
_PLAIN = re.compile(r"[\w./+@,-]+")
"""Paths that need no quoting in a depfile."""


@dataclass(frozen=True)
class Compile:
    """One compile of a source of this package. `output`: the object file, in the build folder."""

    source: Path
    output: str
    words: tuple[str, ...]
    searched: tuple[Path, ...]

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

    def covers(self, read: Iterable[Path], accounted_for: Iterable[Path]) -> bool:
        """Does the key hold every file of `read`?"""
        known = Component("object", sources=(self.source,), headers=self.searched)
        return not inputs.beyond(read, [known], accounted_for)


def compiles(database: Iterable[Mapping[str, str]], folder: Path) -> list[Compile]:
    """The compiles of `database` whose object files may be stored; `folder` holds the build."""
    found = []
    for row in database:
        source = Path(row["file"])
        if not source.is_relative_to(PACKAGE):
            continue
        words = flags.words_of(row)
        searched = tuple(map(Path, _searched(words)))
        if not all(path.is_dir() for path in searched):
            continue
        near = (source.parent, *searched)
        kept = visible.words(
            [word for word in words if not _maps_elsewhere(word, near, folder)], source, searched
        )
        named = tuple(word.replace(str(folder), "@") for word in kept)
        if any(folder.name in word for word in named):
            continue  # the folder goes by another name: no other build could have this key
        found.append(Compile(source, flags.output(row), named, searched))
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

    def offer(self) -> None:
        """Puts the object files that the cache has where the build would write them."""
        for output, key in self._keys.items():
            if not self._cache.has(_KIND, key):
                continue
            try:
                entry = self._cache.entry(_KIND, key, _refuse, exact=True)
            except LookupError:
                continue  # damaged: compiled again, and stored again
            place = self._build / output
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(entry / "object.o", place)
            shutil.copyfile(entry / "object.d", place.with_name(place.name + ".d"))
            self._missing.remove(output)

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
            generated = any(Path(name).is_relative_to(self._folder) for name in files)
            if plain and not generated and row.covers(map(Path, files), accounted_for):
                self._store(row.output, key, files)

    def _hash(self, path: Path) -> str:
        """What a searched folder contributes to keys.

        Of a folder with generated files, only their names: whoever includes one is not stored, but
        a new name may hide a file of another folder.
        """
        if path.is_relative_to(self._folder):
            names = sorted(one.relative_to(path).as_posix() for one in path.rglob("*"))
            return contents.digest({"names": names})
        return contents.headers_hash(path)

    def _store(self, output: str, key: str, files: Sequence[str]) -> None:
        def fill(folder: Path) -> None:
            shutil.copyfile(self._build / output, folder / "object.o")
            text = " \\\n ".join([f"{output}:", *files]) + "\n"
            (folder / "object.d").write_text(text, encoding="utf-8")

        self._cache.entry(_KIND, key, fill, exact=True)

    def _hashed(self) -> dict[str, str]:
        """Output -> cache key, by what the files hold now."""
        folders = dict.fromkeys(path for row in self._compiles for path in row.searched)
        hashes = {path: self._hash(path) for path in folders}
        return {row.output: row.key(self._facts, hashes) for row in self._compiles}


def _refuse(_folder: Path) -> None:
    raise LookupError


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


def _maps_elsewhere(word: str, near: Sequence[Path], folder: Path) -> bool:
    """Does the option rename a folder of this package or build that the compile cannot see?"""
    match = _MAP.fullmatch(word)
    if match is None:
        return False
    path = Path(match[1])
    if path.is_relative_to(folder / "src"):
        return True
    related = any(path.is_relative_to(one) or one.is_relative_to(path) for one in near)
    return path.is_relative_to(PACKAGE) and not related
