"""All options in one table: command line, ini file and environment are made from its rows.

Every option `name` is `--mlbench-name`, ini `mlbench_name` and, where it describes the machine
rather than the benchmark, `MLBENCH_NAME` in the environment. The first that is given counts, in
this order: command line, environment, the test's `mlbench` mark, ini, default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import UserMistake, unknown

if TYPE_CHECKING:
    from collections.abc import Callable


LEVELS = ("0", "1", "2", "3", "s")
"""The optimisation levels, as in `-O<level>`."""


@dataclass(frozen=True, eq=False)
class Option:
    """One row.

    kind         'text', 'path', 'flag', or 'list' (repeatable; one value a line in the ini)
    parse        turns one value's text into its value; raises UserMistake, or ValueError with what
                 was expected
    split        commas separate values of a list
    merge        a list's values in the ini come first, those of the command line after them
    choices      the only values there are, refused with the nearest match otherwise
    environment  whether MLBENCH_<NAME> is read
    """

    name: str
    help: str
    kind: str = "text"
    metavar: str = "VALUE"
    default: Any = None
    parse: Callable[[str], Any] | None = None
    split: bool = False
    merge: bool = False
    choices: tuple[str, ...] = ()
    environment: bool = False

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

    def read(self, text: str, *, where: str) -> Any:
        """The value of one `text`. Raises UserMistake with `where` it was given."""
        if self.choices and text not in self.choices:
            raise unknown("value", text, self.choices, where=where)
        if self.parse is None:
            return text
        try:
            return self.parse(text)
        except ValueError as error:
            raise UserMistake(f"{text!r} is not {error}", where=where) from error


def feature_set(text: str) -> tuple[str, ...]:
    """`tuned,dext` -> ('tuned', 'dext'); `_` -> (). Raises ValueError for empty names."""
    if text.strip() == "_":
        return ()
    names = tuple(name.strip() for name in text.replace("+", ",").split(","))
    if not all(names) or "_" in names:
        raise ValueError("a comma-separated list of features, or _ for none")
    return tuple(dict.fromkeys(names))


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


def vector_length(text: str) -> int:
    """VLEN in bits: a power of two from 128 to 65536 (V extension 1.0, section 2)."""
    value = int(text) if text.isdecimal() else 0
    if value & (value - 1) or not 128 <= value <= 65536:
        raise ValueError("a vector length: a power of two, at least 128")
    return value


CORE = (
    Option(
        "model", "model to run: a registered name or the path of a .tflite file", "list",
        "NAME|PATH",
    ),
    Option("backend", "backend that turns the model into firmware", "list", "NAME", split=True),
    Option(
        "features", "features to switch on together, comma-separated; _ for none", "list",
        "A,B", parse=feature_set,
    ),
    Option(
        "optimize", "optimisation level of every part: 0, 1, 2, 3 or s", "list", "LEVEL",
        split=True, choices=LEVELS,
    ),
    Option("target", "target that runs the firmware", "list", "NAME", split=True),
    Option("isa", "ISA of the firmware, instead of the target's own (rv32gc)", "list", "ISA",
           split=True),
    Option("vlen", "vector length in bits for features that use V", "list", "BITS",
           parse=vector_length, split=True),
    Option("config", "setting of a feature or backend", "list", "KEY=VALUE", parse=key_value),
    Option("until", "build: stop after the sizes; run: simulate and validate too",
           metavar="build|run", default="run", choices=("build", "run")),
    Option("profile", "count cycles per operator too, with a second firmware", "flag"),
    Option("timeout", "time limit of one simulation or reference run", metavar="SECONDS",
           default=900.0, parse=seconds, environment=True),
    Option("strict", "fail where a case would be skipped or use a stand-in", "flag",
           environment=True),
    Option("columns", "columns of the table: parameters and metrics, by key or title", "list",
           "NAME,NAME", split=True),
    Option("json", "write all records to this file", "path", "PATH"),
    Option("cache", "folder for tools, models and builds", "path", "DIR", environment=True),
    Option("mirror", "folder or address to look for pinned files before their home", "mirror",
           "DIR|URL", environment=True),
    Option("offline", "fetch nothing from outside the cache and a local mirror", "flag",
           environment=True),
    Option("toolchain", "compiler prefix, like /opt/riscv/bin/riscv64-unknown-elf-",
           metavar="PREFIX", environment=True),
    Option("spike", "Spike simulator to use", "path", "PATH", environment=True),
    Option("source", "local checkout to use for a pinned source", "list", "NAME=PATH",
           parse=key_value),
)  # fmt: skip
