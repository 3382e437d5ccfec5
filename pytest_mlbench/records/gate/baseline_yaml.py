"""YAML for baselines: one line per leaf table, no wrapped lines, no duplicate keys."""

from __future__ import annotations

from typing import Any

import yaml

from pytest_mlbench.errors import UsageError

from . import baseline_lines

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Line(dict[str, Any]):
    """A table written on one line."""


class _BaselineDumper(_Dumper):  # type: ignore[misc]
    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out: an anchor would tie two cases together."""
        del data
        return True


class _BaselineLoader(_Loader):  # type: ignore[misc]
    pass


def _represent_line(dumper: Any, data: _Line) -> Any:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)


def _construct_table(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    table: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, (str, int)):
            raise yaml.constructor.ConstructorError(
                None, None, "a key is not a name", node.start_mark
            )
        if key in table:
            raise yaml.constructor.ConstructorError(
                None, None, f"{key!r} is here twice", key_node.start_mark
            )
        table[key] = loader.construct_object(value_node, deep=True)
    return table


_BaselineDumper.add_representer(_Line, _represent_line)
_BaselineLoader.add_constructor("tag:yaml.org,2002:map", _construct_table)


def dump_yaml(data: dict[str, Any]) -> str:
    """`data` as YAML in its own order, small tables on a line of their own."""
    return str(
        yaml.dump(
            _lines(data),
            Dumper=_BaselineDumper,
            default_flow_style=False,
            sort_keys=False,
            width=100_000,
            allow_unicode=True,
        )
    )


def _lines(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        if key == "row" or key in {"params", "libraries"}:
            return _Line({str(name): _line(item) for name, item in value.items()})
        return {
            str(name): _lines(item, "row" if key == "components" else str(name))
            for name, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_lines(item, "row" if key == "operators" else "") for item in value]
    return value


def _line(value: Any) -> Any:
    if isinstance(value, dict):
        return _Line({str(name): _line(item) for name, item in value.items()})
    return [_line(item) for item in value] if isinstance(value, (list, tuple)) else value


SLOW_LIMIT = 8 << 20
"""Characters that the general reader takes: it needs seconds for a megabyte."""


def _load(text: str) -> Any:
    loader = _BaselineLoader(text)
    try:
        node = loader.get_single_node()
        _refuse_aliases(node)
        return loader.construct_document(node) if node is not None else None
    finally:
        loader.dispose()


def _refuse_aliases(node: yaml.Node | None) -> None:
    """Raise for aliases: a few lines of them can stand for more data than there is memory. The
    writer never writes one."""
    seen: set[int] = set()
    nodes = [node] if node is not None else []
    while nodes:
        one = nodes.pop()
        if id(one) in seen:
            raise yaml.constructor.ConstructorError(
                None, None, "an alias of YAML, which no baseline has", one.start_mark
            )
        seen.add(id(one))
        if isinstance(one, yaml.MappingNode):
            nodes += [part for pair in one.value for part in pair]
        elif isinstance(one, yaml.SequenceNode):
            nodes += one.value


def load_yaml(text: str, *, where: str) -> Any:
    """The data of a YAML text. Raises UsageError with the line that is wrong."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("<<<<<<< ", ">>>>>>> ")):
            raise UsageError(
                f"line {number} is a conflict marker of git",
                where=where,
                remedy="Take either side whole, then run the cases again with --mlbench-save",
            )
    fast = baseline_lines.read(text)
    if fast is not None:
        return fast
    if len(text) > SLOW_LIMIT:
        raise UsageError(
            f"not a baseline: {len(text):,} characters that are not laid out as one",
            where=where,
            remedy="Write it with --mlbench-baseline FILE --mlbench-save",
        )
    try:
        return _load(text)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise UsageError(f"not a baseline: {line}{error.problem}", where=where) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UsageError(f"not a baseline: {error}", where=where) from error
