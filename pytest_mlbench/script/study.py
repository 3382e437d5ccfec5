"""A matrix of cases, run from Python by the same code as the plugin's."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench.builtin import measuring_options
from pytest_mlbench.errors import UsageError, unknown

from .results import Results
from .study_plan import StudyPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_mlbench.case import Case
    from pytest_mlbench.options import Option


class Study:
    """Models times backends times features times levels.

    `choices` are the options of measuring, lists in the plural: `backends`, `features`, `optimize`,
    `targets`, `isas`, `vlens`, `toolchains`, `config`, `until`, `profile`, `check`, `timeout`,
    `strict`, `cache`, `mirror`, `offline`, `sources`, ... Every choice is one value or a list of
    values, written as on the command line: a model is a name or the path of a `.tflite` file, a set
    of features is `"tuned,dext"` or `"_"` for none. What is not given comes from the environment
    (`MLBENCH_MIRROR`, ...), else it is the default. `plugins` are modules, or their names, with
    `pytest_mlbench_*` hooks.

    Raises UsageError, with the nearest match, for what is unknown.
    """

    def __init__(
        self,
        models: str | Path | Sequence[str | Path] = (),
        *,
        plugins: Iterable[Any] = (),
        **choices: Any,
    ) -> None:
        known = _options()
        options: dict[str, Any] = {}
        for keyword, value in {"models": models, **choices}.items():
            if keyword not in known:
                raise unknown("choice", keyword, known, where="Study")
            texts = _as_text(known[keyword], value)
            if texts not in (None, []):
                options[known[keyword].name] = texts
        self.plan = StudyPlan(options, tuple(plugins))
        self.plan.check()

    @property
    def cases(self) -> tuple[Case, ...]:
        """All cases, with stand-ins for models that cannot be had."""
        return self.plan.cases

    def run(self, *, workers: int = 1) -> Results:
        """Build, simulate and check every case; `workers` processes at a time.

        A case that fails or cannot run is in the results with its reason. The number of workers
        does not change the records.
        """
        if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
            raise UsageError(f"workers is {workers!r}, expected a whole number from 1")
        plan = self.plan
        if workers == 1 or len(self.cases) < 2:
            records = [plan.run_one(case) for case in self.cases]
        else:
            from .workers import run_all

            records = run_all(plan, workers)
        return Results(records, notes=plan.stand_ins)


def _options() -> dict[str, Option]:
    return {row.attribute: row for row in measuring_options() if row.study}


def _as_text(row: Option, value: Any) -> Any:
    """A Python value as the command line would give it: a text, a list of texts or a bool."""
    if value is None or row.kind == "flag":
        return value
    if row.kind == "pairs":
        return [f"{key}={entry}" for key, entry in value.items()]
    if row.kind != "list":
        return str(value)
    values: list[Any] = [value] if isinstance(value, (str, int, Path)) else list(value)
    if row.name == "features":
        return [item if isinstance(item, str) else ",".join(item) or "_" for item in values]
    return [str(item) for item in values]


def _signature() -> inspect.Signature:
    """What `help(Study)` shows: the choices by name."""
    models = inspect.Parameter("models", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=())
    names = [*(name for name in _options() if name != "models"), "plugins"]
    rest = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None) for name in names]
    return inspect.Signature([models, *rest])


Study.__signature__ = _signature()  # type: ignore[attr-defined]
