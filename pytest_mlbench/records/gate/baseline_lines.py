"""A fast reader for baselines in the form in which they are written.

PyYAML takes seconds for a thousand cases. This reads the part of YAML that `baseline_yaml` writes
and gives up on anything else, which PyYAML then reads. What it accepts, both read alike (YAML 1.1,
sections 9.1.3 and 10.2; PyYAML's own rules tell a text from a number).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import yaml

_RULES: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
_INT = re.compile(r"0|[1-9][0-9]{0,17}")
_LETTER = r"[^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff]"
_PLAIN = re.compile(rf"(?:[A-Za-z0-9_./(]|-(?=[A-Za-z0-9-])){_LETTER}*")
_FLOW = re.compile(r"[,\[\]{}:'\"#&*!|>%@`?]")
_QUOTED = re.compile(rf"'((?:(?!'){_LETTER})*)'")


class _GiveUpError(Exception):
    """The text is not in the form that `baseline_yaml` writes."""


def read(text: str) -> Any:
    """The data of a baseline's text; None if PyYAML has to read it."""
    try:
        lines = [line for line in text.split("\n") if line and not line.startswith("#")]
        table, end = _table(lines, 0, 0)
        if end != len(lines):
            return None
    except (_GiveUpError, RecursionError):
        return None
    return table


def _table(lines: list[str], start: int, indent: int) -> tuple[dict[str, Any], int]:
    """The table whose keys stand at `indent`, from line `start`; and the line after it."""
    found: dict[str, Any] = {}
    blank = " " * indent
    at, count = start, len(lines)
    while at < count:
        line = lines[at]
        if not line.startswith(blank):
            break
        body = line[indent:] if indent else line
        if body[:1] in {"", " "} or body.startswith("- "):
            if body[:1] in {"", " "} or not found:
                raise _GiveUpError
            break
        key, colon, value = body.partition(":")
        at += 1
        name = _text(key)
        if not colon or name in found or not isinstance(name, str):
            raise _GiveUpError
        if value:
            if value[0] != " ":
                raise _GiveUpError
            found[name] = _value(value[1:])
        elif at < count and lines[at].startswith(blank + "- "):
            found[name], at = _rows(lines, at, blank + "- ")
        elif at < count and lines[at].startswith(blank + "  "):
            found[name], at = _table(lines, at, indent + 2)
        else:
            raise _GiveUpError
    if not found:
        raise _GiveUpError
    return found, at


def _rows(lines: list[str], start: int, head: str) -> tuple[list[Any], int]:
    rows = []
    at = start
    while at < len(lines) and lines[at].startswith(head):
        value = lines[at][len(head) :]
        if not value.startswith("{"):
            raise _GiveUpError
        rows.append(_value(value))
        at += 1
    return rows, at


def _value(text: str) -> Any:
    if text[:1] == "{" or text[:1] == "[":
        value, rest = _flow(text)
        if rest:
            raise _GiveUpError
        return value
    return _text(text)


def _flow(text: str) -> tuple[Any, str]:
    """A value of a line in brackets, and what follows it."""
    if text.startswith("{"):
        table: dict[str, Any] = {}
        rest = text[1:]
        while not rest.startswith("}"):
            key, colon, rest = rest.partition(": ")
            name = _text(key, flow=True)
            if not colon or name in table or not isinstance(name, str):
                raise _GiveUpError
            table[name], rest = _flow(rest)
            rest = _after(rest, "}")
        return table, rest[1:]
    if text.startswith("["):
        row: list[Any] = []
        rest = text[1:]
        while not rest.startswith("]"):
            item, rest = _flow(rest)
            row.append(item)
            rest = _after(rest, "]")
        return row, rest[1:]
    if text.startswith("'"):
        match = _QUOTED.match(text)
        if match is None:
            raise _GiveUpError
        return match[1], text[match.end() :]
    end = re.search(r"[,\]}]", text)
    if end is None:
        raise _GiveUpError
    return _text(text[: end.start()], flow=True), text[end.start() :]


def _after(rest: str, close: str) -> str:
    """What follows an item: the next one, or the closing bracket."""
    if rest.startswith(", ") and not rest.startswith((f", {close}", ",  ")):
        return rest[2:]
    if not rest.startswith(close):
        raise _GiveUpError
    return rest


@lru_cache(maxsize=1 << 16)
def _text(text: str, *, flow: bool = False) -> Any:
    """A scalar: a whole number or a text, as YAML tells them apart."""
    if _INT.fullmatch(text):
        return int(text)
    if text[:1] == "'":
        match = _QUOTED.fullmatch(text)
        if match is None:
            raise _GiveUpError
        return match[1]
    if not _PLAIN.fullmatch(text) or ": " in text or " #" in text or text[-1] in " :":
        raise _GiveUpError
    if flow and _FLOW.search(text):
        raise _GiveUpError
    for _, rule in (*_RULES.get(text[0], ()), *_RULES.get(None, ())):  # type: ignore[call-overload]
        if rule.match(text):
            raise _GiveUpError
    return text
