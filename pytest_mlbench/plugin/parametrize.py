"""From a test function to its cases: the glue between pytest's parameters and `matrix`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench.errors import UserMistake
from pytest_mlbench.measure import matrix
from pytest_mlbench.options import CORE
from pytest_mlbench.settings import is_path, model_name_or_path

from .manager import CASE, MARK, PARAMETER, REGISTRY, mark_of

if TYPE_CHECKING:
    from pytest_mlbench.case import Case
    from pytest_mlbench.measure.registry import Registry

    from .manager import Manager

_ROWS = {row.name: row for row in CORE}


def apply(metafunc: pytest.Metafunc, manager: Manager) -> Registry:
    """Parametrize the test over its cases, those axes left out that it parametrizes itself.

    Returns the registry to use. Raises UserMistake for whatever is wrong with the choice.
    """
    node = metafunc.definition
    mark = mark_of(node)
    wanted = matrix.axes(manager.settings, mark, manager.registry(node), folder=node.path.parent)
    registry, names = matrix.with_paths(manager.registry(node), wanted.models)
    for model in filter(is_path, wanted.models):
        check_file(model, node.nodeid)
    own = own_axes(node)
    wanted = replace(wanted, models=names)
    manager.keep(node, registry)
    params: list[Any]
    if own:
        params = list(matrix.partials(wanted, own))
    else:
        found = matrix.cases(
            wanted,
            registry,
            resolve=lambda name: manager.resolve(registry, name),
            complete=not any(manager.settings.chosen(name) for name in _COUPLED),
        )
        params = list(found)
    if not params:
        reason = "no case of this test fits the features and backends asked for"
        params = [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="none")]
        metafunc.parametrize(PARAMETER, params, indirect=True)
    else:
        ids = [param.name for param in params]
        metafunc.parametrize(PARAMETER, params, ids=ids, indirect=True)
    return registry


_COUPLED = ("backend", "features", "vlen", "isa", "config")


def check_file(path: str, where: str) -> None:
    """Refuse the path of a model that is no file; what is in it is read when the case runs."""
    if not Path(path).is_file():
        raise UserMistake(f"there is no model {path}", where=where)


def own_axes(node: Any) -> tuple[str, ...]:
    """The axes among the test's `parametrize` marks."""
    names: set[str] = set()
    for mark in node.iter_markers("parametrize"):
        given = mark.args[0] if mark.args else mark.kwargs.get("argnames", ())
        parts = given.split(",") if isinstance(given, str) else given
        names |= {str(part).strip() for part in parts}
    return tuple(axis for axis in matrix.AXES if axis in names)


def own_id(axis: str, value: Any, registry: Registry, manager: Manager) -> str | None:
    """The id of a test's own parameter, None for one that is no axis."""
    if axis not in matrix.AXES:
        return None
    read = own_value(axis, value, folder=None)
    if axis == "model" and read in registry.models:
        read = manager.resolve(registry, read)
    return matrix.label(axis, read)


def own_value(axis: str, value: Any, *, folder: Path | None) -> Any:
    """A test's own parameter as the matrix takes it."""
    row = _ROWS[axis]
    if axis == "features" and not isinstance(value, str):
        value = ",".join(value) or "_"
    text = str(value)
    if axis == "model":
        return model_name_or_path(text, folder) if folder else text
    return row.read(text, where=f"parameter {axis}")


def note(item: pytest.Item, manager: Manager) -> None:
    """Put the item's case, registry and mark into its stash. Raises UserMistake."""
    params = item.callspec.params  # type: ignore[attr-defined]
    value: Case | matrix.Partial | None = params[PARAMETER]
    registry = manager.registry(item)
    if isinstance(value, matrix.Partial):
        own = {
            axis: own_value(axis, params[axis], folder=item.path.parent)
            for axis in own_axes(item)
            if axis in params
        }
        if "model" in own:
            if is_path(own["model"]):
                check_file(own["model"], item.nodeid)
            registry, (own["model"],) = matrix.with_paths(registry, [own["model"]])
            manager.keep(item, registry)
        value = matrix.compose(
            value, own, registry, resolve=lambda name: manager.resolve(registry, name)
        )
    if value is not None:
        item.stash[CASE] = value
    item.stash[REGISTRY] = registry
    item.stash[MARK] = mark_of(item)
