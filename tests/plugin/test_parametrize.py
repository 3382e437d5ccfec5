"""Ids, choices by option, mark and parameter, and stand-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., pytest.RunResult]

ZOO = """
    import pytest

    @pytest.mark.mlbench(models=["good", "other"], features=["_", "quick"], optimize=["3", "s"])
    def test_zoo(mlbench):
        mlbench.run()
"""


@pytest.fixture
def ids(run: Run) -> Callable[..., list[str]]:
    """The parameter ids of all tests that a run collects."""

    def call(*arguments: str) -> list[str]:
        lines = run("--collect-only", "-q", *arguments).outlines
        return [line.partition("[")[2].removesuffix("]") for line in lines if "::" in line]

    return call


def test_ids_are_the_cases_names(bench: pytest.Pytester, ids: Callable[..., list[str]]) -> None:
    bench.makepyfile(ZOO)
    assert ids() == [
        "good-aot-_-O3",
        "good-aot-_-Os",
        "good-aot-quick-O3",
        "good-aot-quick-Os",
        "other-aot-_-O3",
        "other-aot-_-Os",
        "other-aot-quick-O3",
        "other-aot-quick-Os",
    ]
    assert ids("-k", "good and quick and O3") == ["good-aot-quick-O3"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--mlbench-model=other --mlbench-optimize=0", ["other-aot-_-O0", "other-aot-quick-O0"]),
        ("--mlbench-features=quick -kgood", ["good-aot-quick-O3", "good-aot-quick-Os"]),
        ("--mlbench-features=small -kO3", ["good-aot-small-O3", "other-aot-small-O3"]),
        (
            "--mlbench-config=speed=9 --mlbench-model=good --mlbench-optimize=3",
            ["good-aot-_-O3", "good-aot-quick-O3-speed=9"],
        ),
        (
            "--mlbench-isa=rv32imac --mlbench-model=good --mlbench-features=_",
            ["good-aot-_-O3-rv32imac", "good-aot-_-Os-rv32imac"],
        ),
        (
            "--mlbench-features=quick,vector --mlbench-vlen=128,512 --mlbench-optimize=0 -kgood",
            [
                "good-aot-quick+vector-O0-rv32gcv_zvl128b",
                "good-aot-quick+vector-O0-rv32gcv_zvl512b",
            ],
        ),
    ],
)
def test_the_command_line_wins_over_the_mark(
    bench: pytest.Pytester,
    ids: Callable[..., list[str]],
    arguments: str,
    expected: list[str],
) -> None:
    bench.makepyfile(ZOO)
    assert ids(*arguments.split()) == expected


def test_the_ini_file_and_no_mark(bench: pytest.Pytester, ids: Callable[..., list[str]]) -> None:
    bench.makeini(
        """
        [pytest]
        mlbench_model =
            other
            good
        mlbench_features =
            quick
            _
        """
    )
    bench.makepyfile("def test_all(mlbench): mlbench.run()")
    assert ids() == [
        "other-aot-quick-O3",
        "other-aot-_-O3",
        "good-aot-quick-O3",
        "good-aot-_-O3",
    ]


def test_pyproject_lists(bench: pytest.Pytester, ids: Callable[..., list[str]]) -> None:
    bench.makepyprojecttoml(
        """
        [tool.pytest.ini_options]
        mlbench_model = ["good"]
        mlbench_optimize = ["3", "s"]
        """
    )
    bench.makepyfile("def test_all(mlbench): mlbench.run()")
    assert ids() == ["good-aot-_-O3", "good-aot-_-Os"]


def test_a_mark_of_the_module_and_one_of_the_function(
    bench: pytest.Pytester, ids: Callable[..., list[str]]
) -> None:
    bench.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.mlbench(models=["good"], optimize=["0"])

        @pytest.mark.mlbench(optimize="s")
        def test_function(mlbench):
            mlbench.run()
        """
    )
    assert ids() == ["good-aot-_-Os"]


OWN = """
    import pytest

    @pytest.mark.parametrize("features", ["_", ["quick", "vector"]])
    @pytest.mark.parametrize("model", ["good", "other"])
    def test_own(mlbench, model, features):
        assert mlbench.case.model == model
        assert mlbench.run().case.endswith("-Os")
"""


def test_a_test_may_parametrize_axes_itself(
    bench: pytest.Pytester, run: Run, ids: Callable[..., list[str]]
) -> None:
    bench.makepyfile(OWN)
    assert ids("--mlbench-optimize", "s") == [
        "aot-Os-good-_",
        "aot-Os-good-quick+vector",
        "aot-Os-other-_",
        "aot-Os-other-quick+vector",
    ]
    run("--mlbench-optimize", "s").assert_outcomes(passed=4)


def test_other_parameters_stay_what_they_are(
    bench: pytest.Pytester, ids: Callable[..., list[str]], run: Run
) -> None:
    bench.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("limit", [10_000, 20_000])
        @pytest.mark.mlbench(models=["good"])
        def test_limit(mlbench, limit):
            assert mlbench.run().metrics["rom_code"] < limit

        @pytest.mark.parametrize("model", ["not", "ours"])
        def test_foreign(model):
            assert model
        """
    )
    assert ids() == ["good-aot-_-O3-10000", "good-aot-_-O3-20000", "not", "ours"]
    run().assert_outcomes(passed=4)


def test_the_other_fixtures_are_parametrized_too(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.mlbench(models=["good"])

        def test_parts(mlbench_model, mlbench_toolchain, mlbench_firmware, mlbench_simulator):
            assert mlbench_model.sha256
            assert mlbench_toolchain.identity
            assert mlbench_firmware.sha256
            assert mlbench_simulator.versions()
        """
    )
    run().assert_outcomes(passed=1)


def test_a_step_that_fails_in_a_fixture_makes_a_record(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(
        """
        import pytest

        @pytest.mark.mlbench(models=["missing", "broken"])
        def test_firmware(mlbench_firmware):
            pass
        """
    )
    result = run()
    result.assert_outcomes(skipped=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "FAILED broken-aot-_-O3: kernel.c:3: error: expected ';'",
            "SKIPPED missing-aot-_-O3: a thing is not here. Install the thing",
        ]
    )


def test_features_no_backend_of_this_test_can_use(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(
        """
        import pytest

        @pytest.mark.mlbench(models=["good"], features=["quick"], optimize=["3"])
        def test_quick(mlbench):
            mlbench.run()
        """
    )
    result = run("--mlbench-features", "quick", "--mlbench-config", "speed=1", "-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*test_quick*good-aot-quick-O3-speed=1* PASSED*"])


TWIN = """
    import pytest

    @pytest.mark.mlbench(models=["aww"])
    def test_zoo(mlbench):
        mlbench.run()

    @pytest.mark.parametrize("model", ["aww"])
    def test_own(mlbench, model):
        mlbench.run()
"""


def test_a_stand_in_is_named_everywhere_and_the_header_says_why(
    bench: pytest.Pytester, run: Run, ids: Callable[..., list[str]]
) -> None:
    bench.makepyfile(TWIN)
    assert ids() == ["aww_twin-aot-_-O3", "aot-_-O3-aww_twin"]
    result = run("--mlbench-json", "results.json")
    result.stdout.fnmatch_lines(
        [
            "collected 2 items",
            "mlbench: stand-ins: aww_twin",
            "aww_twin *",
            "aww_twin stands in for its original, with the same layers and shapes and other",
            "weights: upstream is not used offline. `mlbench provision` fetches what is",
            "missing, where the network can be reached",
        ]
    )
    text = (bench.path / "results.json").read_text(encoding="utf-8")
    assert '"case": "aww_twin-aot-_-O3"' in text
    assert '"case": "aww-' not in text


def test_workers_collect_the_same_stand_ins(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(TWIN)
    result = run("-n2")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["aww_twin *", "aww_twin stands in for its original*"])


def test_strict_has_no_stand_ins(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(TWIN)
    result = run("--mlbench-strict", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["*test_zoo[[]aww-aot-_-O3]"])
