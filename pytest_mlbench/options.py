"""The description of an option, from which everything else that handles the option is derived.

An option `name` is `--mlbench-name` on the command line and `mlbench_name` in the ini file. If it
describes the machine rather than the benchmark, it is also `MLBENCH_NAME` in the environment.
`Settings`, `Study`, the `mlbench` mark and the axes of the matrix use the same names and values.
Precedence: command line, environment, the test's mark, ini, default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import UsageError, unknown

if TYPE_CHECKING:
    from collections.abc import Callable


LEVELS = ("0", "1", "2", "3", "s")
"""The optimisation levels, as in `-O<level>`."""


@dataclass(frozen=True, eq=False)
class Axis:
    """Makes an option an axis of the matrix of cases.

    default  the values used if none was chosen; empty for an axis without a default
    label    turns a value into its text in a case's name
    """

    default: tuple[Any, ...] = ()
    label: Callable[[Any], str] = str


@dataclass(frozen=True)
class Spilled:
    """A value, and the parts of its text that belong to another option."""

    value: Any
    others: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Option:
    """One option.

    kind         'text', 'path', 'flag', 'list' (repeatable; one value a line in the ini) or
                 'pairs' (a list of KEY=VALUE, each key once)
    keyword      its name in `Settings`, `Study` and the mark: a list's is in the plural
    parse        converts one value's text; raises UsageError, or ValueError with what was expected
    locate       converts one value, given the folder that relative paths are relative to; returns
                 a `Spilled` if `spills_into` is set
    spills_into  the list option that gets the `others` of each `Spilled`
    split        whether commas separate the values of a list
    expand       turns one text of a list and that folder into several texts
    merge        whether a list takes the ini's values first and then the command line's
    choices      the allowed values; any other is refused with the nearest match
    environment  whether MLBENCH_<NAME> is read
    axis         its role in the matrix; None if it is not an axis
    mark         whether a test's mark may set it
    machine      whether it describes the machine; commands that run no benchmark take it too
    study        whether `Study` has it; a `Study` prints no table and writes no file
    """

    name: str
    help: str
    kind: str = "text"
    metavar: str = "VALUE"
    default: Any = None
    keyword: str = ""
    parse: Callable[[str], Any] | None = None
    locate: Callable[[Any, Any], Any] | None = None
    spills_into: str = ""
    split: bool = False
    expand: Callable[[str, Any], list[str]] | None = None
    merge: bool = False
    choices: tuple[str, ...] = ()
    environment: bool = False
    axis: Axis | None = None
    mark: bool = False
    machine: bool = False
    study: bool = True

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return f"--mlbench-{self.name}"

    @property
    def ini(self) -> str:
        """Its name in the ini file."""
        return "mlbench_" + self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """Its name in the environment, empty when it has none."""
        return "MLBENCH_" + self.name.replace("-", "_").upper() if self.environment else ""

    @property
    def dest(self) -> str:
        """Its attribute in pytest's parsed options."""
        return "mlbench_" + self.name.replace("-", "_")

    @property
    def attribute(self) -> str:
        """Its name in `Settings`, `Study` and the mark."""
        return self.keyword or self.name.replace("-", "_")

    @property
    def is_list(self) -> bool:
        """May it have several values?"""
        return self.kind in {"list", "pairs"}

    def read(self, text: str, *, where: str) -> Any:
        """Converts one `text`. Raises UsageError, which names `where` the text was given."""
        if self.choices and text not in self.choices:
            raise unknown("value", text, self.choices, where=where)
        if self.parse is None:
            return text
        try:
            return self.parse(text)
        except ValueError as error:
            raise UsageError(f"{text!r} is not {error}", where=where) from error


def option(name: str, help_text: str, kind: str = "text", **more: Any) -> Any:
    """A dataclass field that holds the value of this option."""
    row = Option(name, help_text, kind, **more)
    return field(default_factory=lambda: row.default, metadata={"option": row})


def feature_set(text: str) -> tuple[str, ...]:
    """`tuned,dext` -> ('tuned', 'dext'); `_` -> (). Raises ValueError for empty names."""
    if text.strip() == "_":
        return ()
    names = tuple(name.strip() for name in text.replace("+", ",").split(","))
    if not all(names) or "_" in names:
        raise ValueError("a comma-separated list of features, or _ for none")
    return tuple(dict.fromkeys(names))


GCC, LLVM = "gcc", "llvm"
"""Names of toolchains: the RISC-V GCC that is found or provisioned, and the pinned LLVM."""


_CLANG = re.compile(r"clang(-\d+)?")


def names_clang(value: str) -> bool:
    """Is the toolchain a clang, given by its program's name or path?"""
    return _CLANG.fullmatch(value.rsplit("/", 1)[-1]) is not None


def is_toolchain_name(value: str) -> bool:
    """Is it a toolchain's name (gcc, llvm, clang-19), rather than a prefix or path?"""
    return value in (GCC, LLVM) or ("/" not in value and names_clang(value))


def toolchain_label(value: str) -> str:
    """The text for a toolchain in a case's name; for a prefix, its installation folder's name."""
    if is_toolchain_name(value):
        return value
    parts = [part for part in value.split("/")[:-1] if part not in ("", "bin", "usr", "local")]
    name = parts[-1] if parts else value.rsplit("/", 1)[-1].rstrip("-")
    return "".join(letter if letter.isalnum() or letter in "._+" else "_" for letter in name)


def toolchain_prefix(label: str, toolchains: tuple[str, ...]) -> str:
    """The prefix or clang of the toolchain in a case's name; empty for the default GCC.

    If only one prefix is chosen, it is used as this machine's GCC and appears in no case's name.
    """
    prefixes = [value for value in toolchains if value not in (GCC, LLVM)]
    if label in ("", GCC):
        return prefixes[0] if len(toolchains) == len(prefixes) == 1 else ""
    for value in prefixes:
        if toolchain_label(value) == label:
            return value
    raise UsageError(f"no toolchain {label!r} is named by --mlbench-toolchain")


def named_revision(text: str) -> str:
    """`cmsisnn@v6.0.0`. Raises ValueError without a name or a revision."""
    name, _, revision = text.partition("@")
    if not name.strip() or not revision.strip():
        raise ValueError("of the form NAME@REV")
    return f"{name.strip()}@{revision.strip()}"


def revision_label(value: str) -> str:
    """The text for a revision in a case's name, without slashes, which a test id cannot hold."""
    return "".join(letter if letter.isalnum() or letter in "@._+" else "_" for letter in value)


def key_value(text: str) -> tuple[str, str]:
    """`KEY=VALUE` -> its two sides. Raises ValueError without `=` or without a key."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise ValueError("of the form NAME=VALUE")
    return key.strip(), value.strip()


def seconds(text: str) -> float:
    """A time limit: a positive number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError("a positive number of seconds")
    return value


def sample_count(text: str) -> int:
    """A number of samples; 0 stands for `all`."""
    if text == "all":
        return 0
    value = int(text) if text.isdecimal() else 0
    if value <= 0:
        raise ValueError("a number of samples, or all")
    return value


def frequency(text: str) -> int:
    """A clock frequency in hertz: `100MHz`, `32768Hz`, `1.5 GHz`; case does not matter."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmg]?)hz", text.strip().lower())
    value = float(match[1]) * {"": 1, "k": 1e3, "m": 1e6, "g": 1e9}[match[2]] if match else 0.0
    if value < 1:
        raise ValueError("a frequency, like 100MHz")
    return round(value)


@dataclass(frozen=True)
class Energy:
    """The user's figure for a core: attojoules (millionths of a picojoule) per cycle, or nanowatts
    at its clock. Both are whole numbers, so that results are exact."""

    attojoules: int = 0
    nanowatts: int = 0

    def nanojoules(self, cycles: int, clock: int) -> int:
        """The energy of `cycles`, to the nearest nanojoule; `clock` (Hz) is used with nanowatts."""
        number, by = self.attojoules * cycles, 1_000_000_000
        if self.nanowatts:
            number, by = self.nanowatts * cycles, clock
        return (2 * number + by) // (2 * by)


def energy(text: str) -> Energy:
    """`20pJ` (per cycle) or `5.5mW` (at --mlbench-clock). Case matters: `MW` means megawatts."""
    match = re.fullmatch(r"(\d{1,9})(?:\.(\d{1,6}))?\s*(p[jJ]|m[wW])", text.strip())
    millionths = int(f"{match[1]}{match[2] or '':0<6}") if match else 0
    if match is None or not millionths:
        raise ValueError("an energy per cycle, like 20pJ, or a power, like 5mW")
    if match[3][0] == "p":
        return Energy(attojoules=millionths)
    return Energy(nanowatts=millionths)


def check_energy(amount: Energy | None, clock: int, where: str = "--mlbench-energy") -> None:
    """Raises UsageError for a power without a clock: it gives no energy per cycle."""
    if amount is not None and amount.nanowatts and not clock:
        raise UsageError(
            "a power needs a clock to become an energy",
            where=where,
            remedy=f"Add {where.replace('energy', 'clock')} 100MHz, or give a cycle's, like 20pJ",
        )


def shard(text: str) -> tuple[int, int]:
    """`2/4` -> (2, 4): the second of four. Raises ValueError for anything else."""
    number, slash, count = (part.strip() for part in text.partition("/"))
    if not slash or not number.isdecimal() or not count.isdecimal():
        raise ValueError("a shard, as in 1/4")
    if not 1 <= int(number) <= int(count) <= 10_000:
        raise ValueError("a shard: for four machines, use 1/4 to 4/4")
    return int(number), int(count)


def vector_length(text: str) -> int:
    """VLEN in bits: a power of two from 128 to 65536 (V extension 1.0, section 2)."""
    value = int(text) if text.isdecimal() else 0
    if value & (value - 1) or not 128 <= value <= 65536:
        raise ValueError("a vector length: a power of two, at least 128")
    return value
