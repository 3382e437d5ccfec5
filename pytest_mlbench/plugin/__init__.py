"""The pytest plugin: hooks and nothing else.

Where to hook in:

- a new option is a row in `options.py`, `gate/options.py` or `report/options.py`;
- what is built in is registered in `builtin.py`, by the hooks of `hookspec.py`;
- what looks at each record, or at all of them at the end, implements `pytest_mlbench_judges` or
  `pytest_mlbench_finishers` (see `extension.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.builtin import option_table
from pytest_mlbench.errors import MlbenchError, unknown

from .fixtures import *  # noqa: F403

if TYPE_CHECKING:
    from collections.abc import Generator


def pytest_addoption(parser: pytest.Parser) -> None:
    """One group of options, each with its ini twin."""
    group = parser.getgroup("mlbench", "TinyML benchmarks (pytest-mlbench)")
    for row in option_table():
        text = f"{row.help} [ini: {row.ini}]"
        if row.variable:
            text = f"{row.help} [ini: {row.ini}, env: {row.variable}]"
        if row.kind == "flag":
            group.addoption(row.flag, action="store_const", const=True, default=None, help=text)
            parser.addini(row.ini, row.help, type="string", default=None)
            continue
        if row.is_list:
            parser.addini(row.ini, row.help, type="linelist", default=None)
        else:
            parser.addini(row.ini, row.help, type="string", default=None)
        action = "append" if row.is_list else "store"
        group.addoption(
            row.flag, action=action, default=None, metavar=row.metavar, dest=row.dest, help=text
        )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    parser: pytest.Parser, args: list[str]
) -> Generator[None, object, object]:
    """Refuse a mistyped --mlbench option, naming the nearest, once all plugins' options are
    known."""
    result = yield
    if not any(word.startswith("--mlbench") for word in args):
        return result
    _, rest = parser.parse_known_and_unknown_args(args)
    for word in rest:
        if word.startswith("--mlbench"):
            flag = word.partition("=")[0]
            error = unknown("option", flag, [row.flag for row in option_table()])
            raise pytest.UsageError(str(error))
    return result


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """The hooks by which models, backends, kernel libraries, targets and judges are registered."""
    from pytest_mlbench import hookspec

    pluginmanager.add_hookspecs(hookspec)


def pytest_configure(config: pytest.Config) -> None:
    """Resolve the settings once; register what is built in, the manager and the reporter."""
    from pytest_mlbench import builtin
    from pytest_mlbench.measure.mark import help_line

    from . import startup
    from .manager import NAME, Manager
    from .session import Session

    config.addinivalue_line("markers", help_line())
    config.pluginmanager.register(builtin, "mlbench-builtin")
    try:
        settings = startup.settings(config)
        session = Session(config, settings)
        config.pluginmanager.register(Manager(session), NAME)
        if session.worker:
            from pytest_mlbench import process

            process.leave_workers()
        else:
            startup.check(config, settings)
            startup.register_reporter(config, session)
            if config.getoption("dist", "no") != "no":
                from . import second_interrupt, workers

                config.pluginmanager.register(workers.Workers(session), workers.NAME)
                config.pluginmanager.register(
                    second_interrupt.SecondInterrupt(), second_interrupt.NAME
                )
    except MlbenchError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_report_header(config: pytest.Config) -> str:
    """One line with the choices and the cache. It reads no file and starts no program."""
    from .session import session_of
    from .startup import header

    return header(session_of(config).settings)
