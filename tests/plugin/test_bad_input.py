"""Every mistake: a short clear message, no traceback, the right exit status."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., pytest.RunResult]

USAGE = 4
TEST = """
    import pytest

    @pytest.mark.mlbench(models=["good"])
    def test_good(mlbench):
        mlbench.run()
"""


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_with_workers_too(bench: pytest.Pytester, run: Run, workers: str) -> None:
    bench.makepyfile(TEST)
    result = run("--mlbench-model", "godo", workers)
    assert result.ret == USAGE
    result.stderr.fnmatch_lines(["ERROR: unknown model 'godo'. Did you mean 'good'?"])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--mlbench-model=awww", "unknown model 'awww'. Did you mean 'aww'?"),
        ("--mlbench-features=quikc", "unknown feature 'quikc'. Did you mean 'quick'?"),
        ("--mlbench-features=vector", "feature 'vector' requires 'quick'"),
        ("--mlbench-features=quick,small", "'small' and 'quick' exclude each other"),
        ("--mlbench-backend=aott", "unknown backend 'aott'. Did you mean 'aot'?"),
        ("--mlbench-target=spick", "unknown target 'spick'. Did you mean 'spike'?"),
        ("--mlbench-isa=arm", "'arm' is not an ISA"),
        ("--mlbench-columns=Modell", "unknown column 'Modell'. Did you mean 'Model'?"),
        ("--mlbench-columns=TotalCycels", "'TotalCycels'. Did you mean 'Total Cycles'?"),
        ("--mlbench-columns=romcod", "'romcod'. Did you mean 'ROM code'?"),
        ("--mlbench-feature=_", "unknown option '--mlbench-feature'. Did you mean '--mlbench-f"),
        ("--mlbench-colums Model", "'--mlbench-colums'. Did you mean '--mlbench-columns'?"),
        ("--mlbench-optimize=4", "--mlbench-optimize: unknown value '4'"),
        ("--mlbench-until=rnu", "unknown value 'rnu'. Did you mean 'run'?"),
        ("--mlbench-timeout=soon", "--mlbench-timeout: 'soon' is not a positive number"),
        ("--mlbench-vlen=7", "--mlbench-vlen: '7' is not a vector length"),
        ("--mlbench-config=sped=1", "unknown config key 'sped'. Did you mean 'speed'?"),
        ("--mlbench-config=speed", "'speed' is not of the form NAME=VALUE"),
        ("--mlbench-features=small --mlbench-config=speed=1", "It belongs to feature quick"),
        ("--mlbench-features=quick --mlbench-vlen=256", "no case uses the V extension"),
        ("--mlbench-model=no.tflite", "no.tflite: cannot be read: No such file"),
        ("--mlbench-model=.", "unknown model '.'"),
        ("--mlbench-mirror=nowhere", "nowhere is not a folder"),
        ("--mlbench-mirror=ftp://host/x", "is neither a folder nor an http, https or file URL"),
        ("--mlbench-spike=nowhere/spike", "there is no program"),
        ("--mlbench-source=cmsisn=.", "unknown source 'cmsisn'. Did you mean 'cmsisnn'?"),
        ("-o mlbench_optimise=3", "'mlbench_optimise'. Did you mean 'mlbench_optimize'?"),
        ("--mlbench-toolchain=/no/riscv-", "there is no compiler /no/riscv-gcc"),
    ],
)  # fmt: skip
def test_usage_errors(bench: pytest.Pytester, run: Run, arguments: str, message: str) -> None:
    bench.makepyfile(TEST)
    result = run(*arguments.split())
    errors = result.stderr.str()
    assert result.ret == USAGE, errors
    assert "ERROR: " in errors
    assert message in errors
    assert "Traceback" not in errors + result.stdout.str()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a .tflite file"),
        (b"hello, this is a text", "not a .tflite file"),
        (b"\x1c\x00\x00\x00TFL3" + b"\xff" * 60, ""),
    ],
)
def test_a_file_that_is_no_model(
    bench: pytest.Pytester, run: Run, content: bytes, message: str
) -> None:
    bench.makepyfile(TEST)
    (bench.path / "bad.tflite").write_bytes(content)
    result = run("--mlbench-model", "bad.tflite")
    assert result.ret == USAGE
    assert "bad.tflite" in result.stderr.str()
    assert message in result.stderr.str()
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[pytest]\nmlbench_modles = aww\n", "unknown ini option 'mlbench_modles'"),
        ("[pytest]\nmlbench_timeout = soon\n", "ini option mlbench_timeout: 'soon'"),
    ],
)
def test_the_ini_file(bench: pytest.Pytester, run: Run, text: str, message: str) -> None:
    (bench.path / "pytest.ini").write_text(text, encoding="utf-8")
    bench.makepyfile(TEST)
    result = run()
    assert result.ret == USAGE
    assert message in result.stderr.str()


def test_the_environment(bench: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLBENCH_TIMEOUT", "soon")
    bench.makepyfile(TEST)
    result = run()
    assert result.ret == USAGE
    assert "MLBENCH_TIMEOUT: 'soon' is not a positive number of seconds" in result.stderr.str()


MARKS = [
    ('"good"', "takes keyword arguments only"),
    ('modell="good"', "unknown keyword of the mlbench mark 'modell'. Did you mean 'models'?"),
    ('models=["godo"]', "unknown model 'godo'. Did you mean 'good'?"),
    ('models=["good"], features=["vector"]', "feature 'vector' requires 'quick'"),
    ('models=["good"], optimize=["5"]', "optimize: unknown value '5'"),
    ('models=["good"], vlens=[256]', "no case uses the V extension"),
    ('models=["good"], config={"speed": 1}', "no case understands the config key 'speed'"),
    ('models=["no.tflite"]', "no.tflite"),
]


def test_marks_are_refused_where_they_stand(bench: pytest.Pytester, run: Run) -> None:
    """Each in a file of its own, all in one run."""
    for number, (mark, _) in enumerate(MARKS):
        bench.makepyfile(
            **{
                f"test_file{number}": f"""
            import pytest

            @pytest.mark.mlbench({mark})
            def test_in_file{number}(mlbench):
                mlbench.run()
        """
            }
        )
    result = run("--continue-on-collection-errors")
    assert result.ret in {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.TESTS_FAILED}
    text = result.stdout.str()
    _, *parts = re.split(r"^_{3,} (.*) _{3,}$", text, flags=re.MULTILINE)
    told = dict(zip(parts[::2], parts[1::2], strict=True))
    for number, (mark, message) in enumerate(MARKS):
        (where,) = [title for title in told if f"file{number}" in title]
        assert message in told[where], mark
    assert "Traceback" not in text
    assert "pytest_mlbench/" not in text


def test_own_parameters_that_make_no_sense(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("features", ["_", "vector", "quikc"])
        @pytest.mark.mlbench(models=["good"])
        def test_own(mlbench, features):
            mlbench.run()
        """
    )
    result = run()
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*feature 'vector' requires 'quick'*"])


def test_two_things_of_one_name(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(TEST)
    bench.syspathinsert()
    bench.makepyfile(
        more="""
        from pytest_mlbench.models.model import Model

        def pytest_mlbench_models():
            return [Model(name="good", build=bytes)]
        """
    )
    result = run("-p", "more", "--mlbench-model", "good")
    assert result.ret == USAGE
    assert "two models are registered as 'good'" in result.stderr.str()


def test_a_hook_of_another_name_is_refused(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(TEST)
    bench.syspathinsert()
    bench.makepyfile(more="def pytest_mlbench_modles():\n    return []\n")
    result = run("-p", "more")
    assert result.ret != 0
    assert "unknown hook 'pytest_mlbench_modles'" in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("how", ["", "--mlbench-strict"])
def test_offline_with_an_empty_cache(bench: pytest.Pytester, run: Run, how: str) -> None:
    bench.syspathinsert()
    bench.makepyfile(
        more="""
        from pytest_mlbench.models.model import Model

        def pytest_mlbench_models():
            return [Model(name="far", artifact="aww/aww.tflite")]
        """
    )
    (bench.path / "conftest.py").unlink()
    bench.makepyfile(
        """
        import pytest

        @pytest.mark.mlbench(models=["far"])
        def test_far(mlbench_model):
            pass
        """
    )
    result = run("-p", "more", *how.split())
    text = " ".join(result.stdout.str().split())
    assert "aww/aww.tflite is not available: not in the cache" in text
    assert "upstream is not used offline" in text
    assert "Name a mirror that has it" in text
    assert result.ret == (1 if how else 0)
