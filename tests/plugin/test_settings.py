"""Where a setting comes from, and what is refused. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_mlbench.builtin import option_table
from pytest_mlbench.errors import UsageError
from pytest_mlbench.measure.mark import read
from pytest_mlbench.options import Option
from pytest_mlbench.resolution import Given, resolve
from pytest_mlbench.settings import (
    COMMAND,
    CORE,
    DEFAULT,
    ENVIRONMENT,
    INI,
    Settings,
)


def settings(
    command: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
    ini: dict[str, Any] | None = None,
) -> Settings:
    given = Given(command or {}, environment or {}, ini or {}, Path("/here"), Path("/ini"))
    return resolve(option_table(), given)


def test_defaults() -> None:
    found = settings()
    assert found.until == "run"
    assert found.timeout == 900.0
    assert found.models == ()
    assert found.cache is None
    assert set(found.origins.values()) == {DEFAULT}


def test_the_command_line_wins_over_the_environment_over_the_ini() -> None:
    ini = {"mlbench_timeout": "3"}
    environment = {"MLBENCH_TIMEOUT": "2"}
    assert settings({"mlbench_timeout": "1"}, environment, ini).timeout == 1.0
    assert settings({}, environment, ini).timeout == 2.0
    found = settings({}, {}, ini)
    assert found.timeout == 3.0
    assert found.origins["timeout"] == INI
    assert settings({}, environment, ini).origins["timeout"] == ENVIRONMENT
    assert settings({"mlbench_timeout": "1"}).origins["timeout"] == COMMAND


def test_an_ini_flag_counts_and_an_empty_variable_does_not() -> None:
    assert settings(ini={"mlbench_offline": "true"}).offline
    assert not settings(ini={"mlbench_offline": "false"}).offline
    assert not settings(environment={"MLBENCH_OFFLINE": ""}).offline
    assert not settings(environment={"MLBENCH_OFFLINE": "0"}, ini={"mlbench_offline": "1"}).offline


def test_relative_paths_are_relative_to_where_they_were_written() -> None:
    assert settings({"mlbench_cache": "c"}).cache == Path("/here/c")
    assert settings(ini={"mlbench_cache": "c"}).cache == Path("/ini/c")
    assert settings({"mlbench_model": ["a.tflite", "aww"]}).models == ("/here/a.tflite", "aww")
    assert settings(ini={"mlbench_source": ["nn=lib"]}).sources == {"nn": Path("/ini/lib")}
    exported = settings(ini={"mlbench_export": ["bencher=b.json"]}).extra["export"]
    assert exported == (("bencher", Path("/ini/b.json")),)
    assert settings({"mlbench_mirror": "http://host/m"}).mirror == "http://host/m"
    assert settings({"mlbench_mirror": "m"}).mirror == "/here/m"


def test_lists() -> None:
    found = settings(
        {
            "mlbench_features": ["_", "tuned,dext", "tuned+vext", "_"],
            "mlbench_optimize": ["3,s", "0"],
            "mlbench_config": ["b=2", "a=1"],
            "mlbench_vlen": ["128,256"],
        }
    )
    assert found.features == ((), ("tuned", "dext"), ("tuned", "vext"))
    assert found.optimize == ("3", "s", "0")
    assert list(found.config.items()) == [("a", "1"), ("b", "2")]
    assert found.vlens == (128, 256)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ({"mlbench_optimize": ["4"]}, "--mlbench-optimize: unknown value '4'"),
        ({"mlbench_until": "buld"}, "--mlbench-until: unknown value 'buld'. Did you mean 'build'?"),
        ({"mlbench_timeout": "-1"}, "'-1' is not a positive number of seconds"),
        ({"mlbench_timeout": "nan"}, "'nan' is not a positive number of seconds"),
        ({"mlbench_vlen": ["100"]}, "'100' is not a vector length: a power of two"),
        ({"mlbench_config": ["winograd"]}, "'winograd' is not of the form NAME=VALUE"),
        ({"mlbench_config": ["a=1", "a=2"]}, "a is given twice: '1' and '2'"),
        ({"mlbench_source": ["nn"]}, "--mlbench-source: 'nn' is not of the form NAME=VALUE"),
        ({"mlbench_features": ["tuned,,dext"]}, "is not a comma-separated list of features"),
        ({"mlbench_features": ["_,tuned"]}, "is not a comma-separated list of features"),
        ({"mlbench_json": ""}, "--mlbench-json: an empty value. Expected PATH"),
    ],
)
def test_wrong_values_are_refused_with_their_option(command: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        settings(command)
    assert message in str(refused.value)


def test_a_refusal_names_the_place() -> None:
    with pytest.raises(UsageError, match="MLBENCH_TIMEOUT: 'x'"):
        settings(environment={"MLBENCH_TIMEOUT": "x"})
    with pytest.raises(UsageError, match="ini option mlbench_timeout: 'x'"):
        settings(ini={"mlbench_timeout": "x"})
    with pytest.raises(UsageError, match="MLBENCH_STRICT: 'maybe' is neither true nor false"):
        settings(environment={"MLBENCH_STRICT": "maybe"})


def test_rows_have_names_of_one_form_and_no_default_on_the_command_line() -> None:
    rows = option_table()
    assert len({row.name for row in rows}) == len(rows) > len(CORE)
    for row in rows:
        assert row.flag == f"--mlbench-{row.name}"
        assert row.kind in {"text", "path", "flag", "list", "pairs"}
        assert row.help
        assert not row.help.endswith(".")


def test_other_rows_values_are_in_extra() -> None:
    row = Option("level", "", parse=int)
    found = resolve((*CORE, row), Given({"mlbench_level": "7"}))
    assert found.extra == {"level": 7}
    assert found.chosen("level")


def test_marks_nearest_first() -> None:
    mark = read(
        [
            ((), {"optimize": 3, "tolerance": {"rom_code": 8}}),
            ((), {"optimize": ["s"], "models": "aww", "timeout": 5}),
        ],
        where="test.py",
    )
    assert mark.axes["optimize"] == ("3",)
    assert mark.axes["model"] == ("aww",)
    assert mark.timeout == 5.0
    assert mark.tolerance == {"rom_code": "8"}
    assert "features" not in mark.axes


def test_features_of_a_mark() -> None:
    mark = read([((), {"features": ["_", "tuned,dext", ["tuned", "vext"], []]})], where="")
    assert mark.axes["features"] == ((), ("tuned", "dext"), ("tuned", "vext"))


@pytest.mark.parametrize(
    ("positional", "keywords", "message"),
    [
        (("aww",), {}, "takes keyword arguments only"),
        ((), {"modells": ["aww"]}, "keyword of the mlbench mark 'modells'. Did you mean 'models'?"),
        ((), {"optimize": ["4"]}, "unknown value '4'"),
        ((), {"models": []}, "models: an empty list"),
        ((), {"models": [3.5]}, "3.5 is not a string"),
        ((), {"tolerance": ["rom_code"]}, "is not a dict"),
        ((), {"timeout": 0}, "'0' is not a positive number of seconds"),
    ],
)
def test_wrong_marks_are_refused(
    positional: tuple[Any, ...], keywords: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        read([(positional, keywords)], where="test.py::test")
    assert message in str(refused.value)
    assert str(refused.value).startswith("test.py::test")


def test_models_are_lists_folders_and_patterns(tmp_path: Path) -> None:
    folder = tmp_path / "zoo"
    folder.mkdir()
    for name in ("b.tflite", "a.tflite", "a,b.tflite", "notes.txt"):
        (folder / name).write_bytes(b"")
    paths = {name: str(folder / name) for name in ("a.tflite", "b.tflite", "a,b.tflite")}

    def models(*texts: str) -> list[str]:
        given = Given(command={"mlbench_model": list(texts)}, folder=tmp_path)
        return list(resolve(CORE, given).models)

    assert models("aww,resnet", "vww") == ["aww", "resnet", "vww"]
    everything = [paths["a,b.tflite"], paths["a.tflite"], paths["b.tflite"]]
    assert models("zoo/") == models("zoo/*.tflite") == models("./zoo") == everything
    assert models("zoo/[ab].tflite", "aww") == [paths["a.tflite"], paths["b.tflite"], "aww"]
    assert models("zoo/a,b.tflite") == [paths["a,b.tflite"]]
    assert models("zoo/none*.tflite") == [str(folder / "none*.tflite")]
    with pytest.raises(UsageError, match="an empty value"):
        models("aww,")


def test_revisions_behind_a_path_are_values_of_another_option(tmp_path: Path) -> None:
    (tmp_path / "nn").mkdir()
    (tmp_path / "odd@name").mkdir()
    nn = tmp_path / "nn"
    found = settings(
        {"mlbench_source": [f"cmsisnn={nn}@a", f"cmsisnn={nn}@b", f"tflm={tmp_path}/odd@name"]},
        ini={"mlbench_revision": ["cmsisnn@old"]},
    )
    assert found.sources == {"cmsisnn": nn, "tflm": tmp_path / "odd@name"}
    assert found.revisions == ("cmsisnn@old", "cmsisnn@a", "cmsisnn@b")
    assert found.origins["revision"] == found.origins["source"] == COMMAND
    again = settings({"mlbench_source": [f"cmsisnn={nn}", f"cmsisnn={nn}"]})
    assert (again.sources, again.revisions) == ({"cmsisnn": nn}, ())
    assert again.origins["revision"] == DEFAULT


@pytest.mark.parametrize("pair", [("nn", "nn@a"), ("nn@a", "nn"), ("nn@a", "other@a")])
def test_one_source_is_not_two_things(tmp_path: Path, pair: tuple[str, str]) -> None:
    for name in ("nn", "other"):
        (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match="cmsisnn is given twice"):
        settings({"mlbench_source": [f"cmsisnn={tmp_path}/{each}" for each in pair]})
