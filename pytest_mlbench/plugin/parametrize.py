"""From a test function to its cases: the glue between pytest's parameters and `matrix`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench.errors import UsageError
from pytest_mlbench.measure import axes, mark, matrix
from pytest_mlbench.settings import ROWS, model_name_or_path

from .session import CASE, MARK, PARAMETER, REGISTRY, mark_of

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.case import Case
    from pytest_mlbench.measure.registry import Registry

    from .session import Session


def apply(metafunc: pytest.Metafunc, session: Session) -> Registry:
    """Parametrize the test over its cases, except for axes that the test parametrizes itself.

    Returns the registry to use. Raises UsageError for whatever is wrong with the choice.
    """
    node = metafunc.definition
    marked = mark_of(node)
    wanted = axes.axes(session.settings, marked, session.registry(node), folder=node.path.parent)
    registry, names = matrix.with_paths(session.registry(node), wanted["model"])
    fixed = parametrized_axes(node)
    wanted = wanted.with_values(model=names)
    session.remember_registry(node, registry)
    params: list[Any]
    if fixed:
        params = list(matrix.partials(wanted, fixed))
    else:
        found = matrix.cases(
            wanted,
            registry,
            resolve=lambda name: session.resolve(registry, name),
            complete=not any(session.settings.chosen(name) for name in _COUPLED),
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


def _check_file(case: Case, registry: Registry, where: str) -> None:
    """Raise UsageError if a model's file does not exist. It is read when the case runs."""
    path = registry.model(case.model).path
    if path is not None and not path.is_file():
        raise UsageError(f"there is no model {path}", where=where)


def parametrized_axes(node: Any) -> tuple[str, ...]:
    """The axes among the test's `parametrize` marks."""
    names: set[str] = set()
    for found in node.iter_markers("parametrize"):
        given = found.args[0] if found.args else found.kwargs.get("argnames", ())
        parts = given.split(",") if isinstance(given, str) else given
        names |= {str(part).strip() for part in parts}
    return tuple(axis for axis in axes.AXES if axis in names)


def parametrized_models(item: Any) -> list[Any]:
    """All models in the test's `parametrize` marks. Files get their names together."""
    found = []
    for mark_ in item.iter_markers("parametrize"):
        names, values = (*mark_.args, None, None)[:2]
        names = [one.strip() for one in names.split(",")] if isinstance(names, str) else names
        if names and values and "model" in names:
            place = list(names).index("model")
            for value in values:
                one = value.values if hasattr(value, "values") and hasattr(value, "id") else value
                many = len(names) > 1 or one is not value
                found.append(one[place] if many else one)
    return found


def parameter_id(axis: str, value: Any, registry: Registry, session: Session) -> str | None:
    """The id of a parameter that the test fixes itself; None if it is no axis."""
    if axis not in axes.AXES:
        return None
    read = parameter_value(axis, value, folder=None)
    if axis == "model" and read in registry.models:
        read = session.resolve(registry, read)
    return axes.label(axis, read)


def parameter_value(axis: str, value: Any, *, folder: Path | None) -> Any:
    """A parameter that the test fixes itself, as a value of its axis."""
    if axis == "model":
        return model_name_or_path(str(value), folder) if folder else str(value)
    return mark.own_value(ROWS[axis], value, where=f"parameter {axis}")


def attach_case(item: pytest.Item, session: Session) -> None:
    """Put the item's case, registry and mark into its stash. Raises UsageError."""
    params = item.callspec.params  # type: ignore[attr-defined]
    value: Case | matrix.Partial | None = params[PARAMETER]
    registry = session.registry(item)
    if isinstance(value, matrix.Partial):
        fixed = {
            axis: parameter_value(axis, params[axis], folder=item.path.parent)
            for axis in parametrized_axes(item)
            if axis in params
        }
        if "model" in fixed:
            folder = item.path.parent
            others = [
                parameter_value("model", value, folder=folder)
                for value in parametrized_models(item)
            ]
            registry, names = matrix.with_paths(registry, [fixed["model"], *others])
            fixed["model"] = names[0]
            session.remember_registry(item, registry)
        value = matrix.compose(
            value, fixed, registry, resolve=lambda name: session.resolve(registry, name)
        )
    if value is not None:
        item.stash[CASE] = value
    item.stash[REGISTRY] = registry
    item.stash[MARK] = mark_of(item)
    if value is not None:
        _check_file(value, registry, item.nodeid)
