"""What was asked for and has no effect is refused or said, never passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., pytest.RunResult]

BENCH = """
    import pytest

    @pytest.mark.mlbench(models=["good"])
    def test_bench(mlbench):
        mlbench.run()
"""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--mlbench-vlen=256"], "--mlbench-vlen 256: no selected case uses the V extension*"),
        (
            ["--mlbench-config=speed=1"],
            (
                "--mlbench-config speed: no selected case understands it. Choose one that does: "
                "--mlbench-features quick"
            ),
        ),
        (
            ["--mlbench-config=arena=4096"],
            (
                "*arena: no selected case understands it. "
                "Choose one that does: --mlbench-backend tflmi"
            ),
        ),
        (
            ["--mlbench-config=winograd=on"],
            (
                "*winograd: no selected case understands it. Choose one that does: "
                "--mlbench-features tuned,dext"
            ),
        ),
        (
            ["--mlbench-reference=features=quick"],
            "--mlbench-reference features=quick: no selected case belongs to this variant",
        ),
        (
            ["--mlbench-tolerance=rom=5"],
            "--mlbench-tolerance: there is no baseline to compare with. Name it with*",
        ),
        (
            ["--mlbench-isa=rv32imac", "--mlbench-features=tuned,dext"],
            "feature 'dext' needs D, and D needs F, which rv32imac does not have. Write another*",
        ),
        (["--mlbench-isa=rv32imadc"], "ISA 'rv32imadc' has D, which needs F"),
        (["--mlbench-gate=warn"], "--mlbench-gate: there is no baseline to compare with.*"),
        (
            ["--mlbench-check", "--mlbench-until=build"],
            "--mlbench-check: nothing runs with --mlbench-until build. Leave one of them out",
        ),
        (
            ["--mlbench-check", "--mlbench-backend=tflmi"],
            "--mlbench-check: no selected case's backend makes checked firmware. Choose one that*",
        ),
        (["--mlbench-mirror=no/such"], "*no/such*"),
        (["--mlbench-source=cmsisnn=no/such"], "*no/such*"),
        (["--mlbench-source=cmsisn=."], "unknown source 'cmsisn'. Did you mean 'cmsisnn'?"),
        (["--mlbench-export=benchr=x"], "unknown format 'benchr'. Did you mean 'bencher'?"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_has_no_effect_is_refused_before_anything_runs(
    bench: pytest.Pytester, run: Run, arguments: list[str], says: str
) -> None:
    bench.makepyfile(BENCH)
    result = run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
    result.stderr.fnmatch_lines([f"ERROR: {says}"])


def test_workers_say_it_at_the_end(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(BENCH)
    result = run("--mlbench-vlen=256", "-n1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["--mlbench-vlen 256: no selected case uses the V extension*"])


def test_a_tests_own_choice_uses_what_is_asked_for(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(BENCH.replace('["good"]', '["good"], features=["_", "quick"]'))
    assert run("--mlbench-config=speed=1", "--mlbench-reference=features=quick").ret == 0


def test_a_reference_that_failed_is_said(bench: pytest.Pytester, run: Run) -> None:
    (bench.path / "pytest.ini").write_text("[pytest]\nmlbench_reference = features=quick\n")
    bench.makepyfile(BENCH)
    result = run()
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*no case of this run has features=quick, so nothing is shown*"])


def test_variants_come_in_the_order_given(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile("def test_bench(mlbench):\n    mlbench.run()\n")
    one, other = ["_", "small", "quick"], ["small", "quick", "_"]
    for order, workers in ((one, "-n0"), (other, "-n0"), (other, "-n2")):
        chosen = [f"--mlbench-features={name}" for name in order]
        result = run("--mlbench-model=good", *chosen, workers)
        rows = [line.split() for line in result.outlines if line.startswith("good ")]
        assert [next(word for word in row if word in order) for row in rows] == order


def test_a_suggestion_is_near_or_there_is_none(bench: pytest.Pytester, run: Run) -> None:
    bench.makepyfile(BENCH)
    result = run("--mlbench-model=person_detect")
    assert "Did you mean" not in result.stderr.str()
    result.stderr.fnmatch_lines(["ERROR: unknown model 'person_detect'. Known: aww,*"])


FORMAT = """
from pytest_mlbench.api import Format

def pytest_mlbench_formats():
    lines = lambda records: "".join(f"{row.case} {row.metrics['rom_code']}\\n" for row in records)
    return [Format("lines", "a line per case", lambda records: {"": lines(records)})]
"""


@pytest.mark.parametrize("workers", ["-n0", "-n1"])
def test_a_format_of_ones_own(bench: pytest.Pytester, run: Run, workers: str) -> None:
    conftest = bench.path / "conftest.py"
    conftest.write_text(conftest.read_text(encoding="utf-8") + FORMAT, encoding="utf-8")
    bench.makepyfile(BENCH)
    result = run("--mlbench-export=lines=sizes.txt", workers)
    assert result.ret == 0
    assert (bench.path / "sizes.txt").read_text() == "good-aot-_-O3 1013\n"
