"""A matrix of cases, run by a few lines of Python through the same code as the plugin's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UserMistake

from .plan import Plan
from .results import Results

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mlbench.case import Case


class Study:
    """Models times backends times features times levels.

    Every choice is one value or a list of them, spelled as on the command line: a model is a name
    or the path of a `.tflite` file, a set of features is `"tuned,dext"` or `"_"` for none. What is
    not given comes from the environment (`MLBENCH_MIRROR`, ...) or is the default. `plugins` are
    modules, or their names, with `pytest_mlbench_*` hooks.

    Raises UserMistake, with the nearest match, for what is unknown.
    """

    def __init__(
        self,
        models: str | Path | Sequence[str | Path] = (),
        *,
        backends: str | Sequence[str] = (),
        features: str | Sequence[str | Sequence[str]] = (),
        optimize: str | int | Sequence[str | int] = (),
        targets: str | Sequence[str] = (),
        isas: str | Sequence[str] = (),
        vlens: int | Sequence[int] = (),
        config: Mapping[str, object] | None = None,
        until: str | None = None,
        profile: bool | None = None,
        timeout: float | None = None,
        strict: bool | None = None,
        cache: str | Path | None = None,
        mirror: str | Path | None = None,
        offline: bool | None = None,
        toolchain: str | None = None,
        spike: str | Path | None = None,
        sources: Mapping[str, str | Path] | None = None,
        plugins: Iterable[Any] = (),
    ) -> None:
        given = {
            "model": _texts(models),
            "backend": _texts(backends),
            "features": _feature_sets(features),
            "optimize": _texts(optimize),
            "target": _texts(targets),
            "isa": _texts(isas),
            "vlen": _texts(vlens),
            "config": [f"{key}={value}" for key, value in (config or {}).items()],
            "source": [f"{name}={path}" for name, path in (sources or {}).items()],
            "until": until,
            "profile": profile,
            "timeout": None if timeout is None else str(timeout),
            "strict": strict,
            "cache": _text(cache),
            "mirror": _text(mirror),
            "offline": offline,
            "toolchain": toolchain,
            "spike": _text(spike),
        }
        options = {name: value for name, value in given.items() if value not in (None, [])}
        self.plan = Plan(options, tuple(plugins))
        self.plan.check()

    @property
    def cases(self) -> tuple[Case, ...]:
        """All cases, stand-ins in the place of models that cannot be had."""
        return self.plan.cases

    def run(self, *, workers: int = 1) -> Results:
        """Build, simulate and check every case; `workers` processes at a time.

        A case that fails or cannot run is in the results with its reason. The records are the
        same whatever the number of workers.
        """
        if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
            raise UserMistake(f"workers is {workers!r}, expected a whole number from 1")
        plan = self.plan
        if workers == 1 or len(self.cases) < 2:
            records = [plan.run_one(case) for case in self.cases]
        else:
            from .workers import run_all

            records = run_all(plan, workers)
        return Results(records, notes=plan.stand_ins)


def _texts(value: Any) -> list[str]:
    values = [value] if isinstance(value, (str, int, Path)) else list(value)
    return [str(item) for item in values]


def _text(value: str | Path | None) -> str | None:
    return None if value is None else str(value)


def _feature_sets(value: str | Sequence[str | Sequence[str]]) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item if isinstance(item, str) else ",".join(item) or "_" for item in value]
