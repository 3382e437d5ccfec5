"""The result of one case as plain data: what the JSON file holds and what xdist workers send."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCHEMA = 1
"""The version of the JSON form. A reader refuses any other."""

MOST = 1 << 63
"""The limit of numbers in a record: to count to 2^63 takes centuries."""

OUTCOMES = ("passed", "failed", "skipped")


@dataclass(frozen=True)
class Record:
    """One case's result.

    `params` has the keys model, backend, features (list), optimize, target, isa, config (dict).
    `metrics` maps a metric's key (see `records.metrics`) to an integer.
    `validation` has samples, matched, reference. `provenance` has model_sha256, model_path
    (of a model given by path, relative to the rootdir), elf_sha256, toolchain, the version of what
    ran it under the target's name, flags (part -> list) and libraries (name -> commit or version).
    `operators` lists, in execution order, {index, name, shape, kernel, library, macs, bytes} (the
    bytes of inputs, constants and outputs, each once), {predicted} (instructions, from the kernel's
    formula, if it has one) and, when profiled, {cycles, instructions}.
    `components` and `symbols` say where the bytes are: {component: {rom, ram}} and [{name,
    component, section, size}], with the frame of a function as `stack`. `arena` says how activation
    memory is used, where the backend plans it: {name, kind, offset, size, first, last}, live from
    step `first` to step `last`; step 0 writes the inputs, step i + 1 is operator i, the last one
    reads the outputs. A file may lack it. If some operators run in several parts, `order` has the
    index of the operator of every step between those two.
    Nothing in a record depends on time, host, folder or order of execution. Control characters in
    its texts are escaped (`errors.visible`).
    """

    case: str
    params: Mapping[str, Any]
    outcome: str
    reason: str = ""
    metrics: Mapping[str, int] = field(default_factory=dict)
    validation: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    operators: tuple[Mapping[str, Any], ...] = ()
    components: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    symbols: tuple[Mapping[str, Any], ...] = ()
    arena: tuple[Mapping[str, Any], ...] = ()
    order: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("reason", "notes"):  # sentences: a line end in them is a blank
            object.__setattr__(self, name, _shown(getattr(self, name), blanks=True))
        for name in ("case", "params", "validation", "provenance", "operators", "components"):
            object.__setattr__(self, name, _shown(getattr(self, name)))
        for name in ("symbols", "arena"):
            object.__setattr__(self, name, _shown(getattr(self, name)))

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and integers only: safe for JSON and for execnet."""
        return {
            "case": self.case,
            "params": dict(self.params),
            "outcome": self.outcome,
            "reason": self.reason,
            "metrics": {key: int(self.metrics[key]) for key in sorted(self.metrics)},
            "validation": dict(self.validation),
            "provenance": dict(self.provenance),
            "operators": [dict(row) for row in self.operators],
            "components": {key: dict(self.components[key]) for key in sorted(self.components)},
            "symbols": [dict(row) for row in self.symbols],
            **({"arena": [dict(row) for row in self.arena]} if self.arena else {}),
            **({"order": list(self.order)} if self.order else {}),
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Record:
        """The inverse of `to_dict`. Raises `UsageError` when `data` is not a record."""
        try:
            record = cls(
                case=str(data["case"]),
                params=dict(data["params"]),
                outcome=str(data["outcome"]),
                reason=str(data.get("reason", "")),
                metrics={str(key): _whole(value) for key, value in data.get("metrics", {}).items()},
                validation=dict(data.get("validation", {})),
                provenance=dict(data.get("provenance", {})),
                operators=tuple(dict(row) for row in data.get("operators", ())),
                components={key: dict(row) for key, row in data.get("components", {}).items()},
                symbols=tuple(dict(row) for row in data.get("symbols", ())),
                arena=tuple(dict(row) for row in data.get("arena", ())),
                order=tuple(_whole(step) for step in data.get("order", ())),
                notes=tuple(str(note) for note in data.get("notes", ())),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UsageError(f"not a record: {type(error).__name__} {error}") from error
        if record.outcome not in OUTCOMES:
            raise UsageError(f"case {record.case}: unknown outcome {record.outcome!r}")
        return record


def _shown(value: Any, *, blanks: bool = False) -> Any:
    """`value` with control characters in its texts escaped; `value` itself if there are none."""
    if isinstance(value, str):
        if value.isprintable():
            return value
        return visible(" ".join(value.split()) if blanks else value)
    if isinstance(value, dict):
        rows = {_shown(key): _shown(item) for key, item in value.items()}
        return value if rows == value else rows
    if isinstance(value, (list, tuple)):
        items = [_shown(item, blanks=blanks) for item in value]
        same = all(one is other for one, other in zip(items, value, strict=True))
        return value if same else type(value)(items)
    return value


def _whole(value: Any) -> int:
    """A metric's value from a file, which must be a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is not a whole number")
    if not -MOST < value < MOST:
        raise ValueError("a number of more than 63 bits cannot be a measurement")
    return value


def dumps(records: Iterable[Record], *, partial: str = "") -> str:
    """The JSON file's text: sorted by case, two-space indent, final newline.

    `partial` says what is missing in a file that does not hold all of its run.
    """
    rows = [record.to_dict() for record in sorted(records, key=lambda record: record.case)]
    data = {"schema": SCHEMA, "records": rows, **({"partial": partial} if partial else {})}
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def loads(text: str, *, where: str = "") -> tuple[Record, ...]:
    """The records of a JSON file's text. Raises `UsageError` naming what is wrong."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not a JSON file: {error}", where=where) from error
    if not isinstance(data, dict) or not isinstance(data.get("records"), list):
        raise UsageError("not a results file: no list of 'records'", where=where)
    if data.get("schema") != SCHEMA:
        raise UsageError(
            f"schema {data.get('schema')!r}, expected {SCHEMA}",
            where=where,
            remedy="Write it again with this version of pytest-mlbench",
        )
    return tuple(Record.from_dict(row) for row in data["records"])
