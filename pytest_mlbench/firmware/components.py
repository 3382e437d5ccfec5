"""The components of a firmware, which backends, libraries and targets provide."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Component:
    """One component of a firmware, compiled to one archive `lib<name>.a`.

    name      the component's name in reports: model, kernels, framework, runtime, or a library's
    texts     generated sources and headers: relative name -> content
    sources   existing C, C++ or assembly files, sorted
    headers   folders for `-I`, in order; visible to this component and, if `public`, to all others
    defines   `NAME` or `NAME=VALUE`
    options   further compile options; never `-O`, which is the same for every component
    march     the ISA for assembly (.S) files; empty for the firmware's ISA
    cmake     a folder with a CMakeLists.txt that defines the library target `cmake_target`
    shared    built once per ISA, level and content, and cached for use in other firmware

    Relative paths are relative to the current folder: the build runs in another one.
    """

    name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[Path, ...] = ()
    headers: tuple[Path, ...] = ()
    public: bool = False
    defines: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    march: str = ""
    cmake: Path | None = None
    cmake_target: str = ""
    shared: bool = False

    def __post_init__(self) -> None:
        """Makes paths absolute."""
        for name in ("sources", "headers"):
            paths = tuple(map(_absolute, getattr(self, name)))
            object.__setattr__(self, name, paths)
        if self.cmake is not None:
            object.__setattr__(self, "cmake", _absolute(self.cmake))


def _absolute(path: Path) -> Path:
    """Without `..`, which CMake takes out: the compiler would not know the folder by its name."""
    return path.resolve() if ".." in path.parts else path.absolute()


@dataclass(frozen=True)
class Firmware:
    """A built firmware. `compile_flags`: component -> the compiler's options, without folders."""

    elf: Path
    sha256: str
    map_file: Path
    compile_flags: Mapping[str, tuple[str, ...]]
    compile_commands: Path
    component_of: Mapping[str, str] = field(default_factory=dict)
    """Archive or object file name as in the map -> component."""
    warnings: tuple[str, ...] = ()
    """Compiler warnings about the user's own files: `file.c:12: ...`, each once."""
