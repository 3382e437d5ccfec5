"""What an option is: one description, from which everything that knows of it is derived.

An option `name` is `--mlbench-name` on the command line, `mlbench_name` in the ini file and, where
it describes the machine rather than the benchmark, `MLBENCH_NAME` in the environment. `Settings`,
`Study`, the `mlbench` mark and the axes of the matrix take their names and values from it too. The
first that is given counts, in this order: command line, environment, the test's mark, ini, default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .errors import UsageError, unknown

if TYPE_CHECKING:
    from collections.abc import Callable


LEVELS = ("0", "1", "2", "3", "s")
"""The optimisation levels, as in `-O<level>`."""


@dataclass(frozen=True, eq=False)
class Axis:
    """What makes an option a dimension of the matrix of cases.

    default  the values when nobody chose any; empty where an axis has no value of its own
    label    a value -> how it stands in a case's name
    """

    default: tuple[Any, ...] = ()
    label: Callable[[Any], str] = str


@dataclass(frozen=True)
class Spilled:
    """A value, and what of the text that it was read from belongs to another option."""

    value: Any
    others: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Option:
    """One option.

    kind         'text', 'path', 'flag', 'list' (repeatable; one value a line in the ini) or
                 'pairs' (a list of KEY=VALUE, each key once)
    keyword      its name in `Settings`, `Study` and the mark: a list's is in the plural
    parse        turns one value's text into its value; raises UsageError, or ValueError with what
                 was expected
    locate       turns one value and the folder it was given in into the value; for paths. Where
                 `spills_into` is set it returns a `Spilled`
    spills_into  the list option that gets the `others` of each `Spilled`
    split        commas separate values of a list
    expand       turns one text of a list and the folder it was given in into several texts
    merge        a list's values in the ini come first, those of the command line after them
    choices      the only values there are, refused with the nearest match otherwise
    environment  whether MLBENCH_<NAME> is read
    axis         what the matrix has to know, None for an option that is no axis
    mark         whether a test's mark may set it
    machine      whether it describes the machine: commands that run no benchmark take it too
    study        whether it means something to a `Study`, which has no table and writes no file
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
        """May it be given more than once?"""
        return self.kind in {"list", "pairs"}

    def read(self, text: str, *, where: str) -> Any:
        """The value of one `text`. Raises UsageError with `where` it was given."""
        if self.choices and text not in self.choices:
            raise unknown("value", text, self.choices, where=where)
        if self.parse is None:
            return text
        try:
            return self.parse(text)
        except ValueError as error:
            raise UsageError(f"{text!r} is not {error}", where=where) from error


def option(name: str, help_text: str, kind: str = "text", **more: Any) -> Any:
    """A field of a settings dataclass that is the value of this option."""
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
"""Toolchains by name: the RISC-V GCC that is found or provisioned, and the pinned LLVM."""


_CLANG = re.compile(r"clang(-\d+)?")


def names_clang(value: str) -> bool:
    """Does a toolchain name a clang, by its program or by the path of it?"""
    return _CLANG.fullmatch(value.rsplit("/", 1)[-1]) is not None


def is_toolchain_name(value: str) -> bool:
    """Is it a toolchain by name (gcc, llvm, clang-19), and no prefix or path?"""
    return value in (GCC, LLVM) or ("/" not in value and names_clang(value))


def toolchain_label(value: str) -> str:
    """A toolchain as it stands in a case's name: a prefix by the folder it is installed in."""
    if is_toolchain_name(value):
        return value
    parts = [part for part in value.split("/")[:-1] if part not in ("", "bin", "usr", "local")]
    name = parts[-1] if parts else value.rsplit("/", 1)[-1].rstrip("-")
    return "".join(letter if letter.isalnum() or letter in "._+" else "_" for letter in name)


def toolchain_prefix(label: str, toolchains: tuple[str, ...]) -> str:
    """The prefix, or the clang, that a case's toolchain stands for; empty for the GCC that is found
    by itself.

    A prefix that is given alone is the machine's GCC: no case is named after it.
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
    """A revision as it stands in a case's name: a branch's slashes would end a test's id."""
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
    """A clock frequency in hertz: `100MHz`, `32768Hz`, `1.5 GHz`, in capitals or not."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmg]?)hz", text.strip().lower())
    value = float(match[1]) * {"": 1, "k": 1e3, "m": 1e6, "g": 1e9}[match[2]] if match else 0.0
    if value < 1:
        raise ValueError("a frequency, like 100MHz")
    return round(value)


@dataclass(frozen=True)
class Energy:
    """What the user says a core takes: `picojoules` a cycle, or `milliwatts` at its clock."""

    picojoules: Fraction = Fraction(0)
    milliwatts: Fraction = Fraction(0)

    def nanojoules(self, cycles: int, clock: int) -> int:
        """The energy of `cycles`, to the nearest nanojoule; `clock` in hertz is for milliwatts."""
        exact = self.picojoules * cycles / 1000
        if self.milliwatts:
            exact = self.milliwatts * cycles * 1_000_000 / clock
        return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def energy(text: str) -> Energy:
    """`20pJ` (a cycle) or `5.5mW` (at --mlbench-clock). `MW` would be megawatts."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)\s*(p[jJ]|m[wW])", text.strip())
    if match is None or not Fraction(match[1]):
        raise ValueError("an energy per cycle, like 20pJ, or a power, like 5mW")
    amount = Fraction(match[1])
    return Energy(picojoules=amount) if match[2][0] == "p" else Energy(milliwatts=amount)


def check_energy(amount: Energy | None, clock: int, where: str = "--mlbench-energy") -> None:
    """Raise UsageError for a power without a clock: it says nothing about a cycle."""
    if amount is not None and amount.milliwatts and not clock:
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
        raise ValueError("a shard: the first of four is 1/4, the last 4/4")
    return int(number), int(count)


def vector_length(text: str) -> int:
    """VLEN in bits: a power of two from 128 to 65536 (V extension 1.0, section 2)."""
    value = int(text) if text.isdecimal() else 0
    if value & (value - 1) or not 128 <= value <= 65536:
        raise ValueError("a vector length: a power of two, at least 128")
    return value
