"""The real chain through pytest where a kernel, a program or a place fails: what is said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from third_party import CHOICE, START, third_party_project, third_party_run  # noqa: F401 (fixtures)

if TYPE_CHECKING:
    from third_party import Run

pytestmark = pytest.mark.spike


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (START + "  int x = ;\n}\n", "mine.c:5: error: expected expression before ';' token"),
        (START + "}\n", "sample 0, output 0"),
        (START + "  __builtin_trap();\n}\n", "breakpoint at pc 0x8"),
        (START + "  *(volatile int *)1 = 0;\n}\n", "(address 0x00000001) at"),
        (START + "  output[1 << 28] = 0;\n  for (;;) output += 1 << 20, *output = 1;\n}\n", ""),
    ],
    ids=["syntax", "wrong", "trap", "address", "beyond"],
)
def test_a_kernel_that_fails(run: Run, project: pytest.Pytester, body: str, reason: str) -> None:
    (project.path / "mine.c").write_text(body)
    (row,) = run(*CHOICE, "--mlbench-timeout=60").values()
    assert row["outcome"] == "failed"
    assert reason in row["reason"]
    assert "Traceback" not in row["reason"]
    assert len(row["reason"]) < 1200


SECOND_IS_WRONG = """
#include "mine.h"
#define mlbench_reference_rescale right
#include "rescale.c"
void mine(const struct mlbench_rescale *params, const int8_t *input, int8_t *output) {
  right(params, input, output);
  if (params->input_offset == 100) {
    output[3] ^= 1;
    output[7] ^= 4;
  }
}
"""


def test_the_first_operator_that_differs(run: Run, project: pytest.Pytester) -> None:
    (project.path / "mine.c").write_text(SECOND_IS_WRONG)
    (row,) = run(*CHOICE, "--mlbench-bisect").values()
    assert row["outcome"] == "failed"
    assert (
        "The first layer that differs is operator 1 RELU 1x10 (mine of mine): 2 of 10 values, the "
        "largest difference is 4, the first at [0, 3]: got "
    ) in row["reason"]
    (plain,) = run(*CHOICE).values()
    assert "operator 1" not in plain["reason"]
    assert {**row, "reason": ""} == {**plain, "reason": ""}
    # It says how to look into its firmware.
    (elf,) = [line for line in run.last.outlines if line.startswith("firmware: ")]
    assert Path(elf.removeprefix("firmware: ")).is_file()
    run.last.stdout.fnmatch_lines(["inspect it with: *objdump -dl *firmware.elf | less"])


def test_a_kernel_that_never_ends(run: Run, project: pytest.Pytester) -> None:
    body = "  for (volatile int i = 0;; ++i) {}\n}\n"
    (project.path / "mine.c").write_text(START + body)
    (row,) = run(*CHOICE, "--mlbench-timeout=1").values()
    assert row["outcome"] == "failed"
    assert "did not end within 1 s" in row["reason"]
    assert "--mlbench-timeout" in row["reason"]
    assert row["metrics"]["rom_code"] > 0


def _program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo garbage", ""),
        ("kill -9 $$", "SIGKILL"),
        ("exec sleep 60", "did not end within 2 s"),
        ("exit 7", ""),
    ],
    ids=["garbage", "killed", "hanging", "empty"],
)
def test_a_simulator_that_fails(run: Run, project: pytest.Pytester, text: str, reason: str) -> None:
    banner = '[ "$1" = --help ] && { echo "Spike RISC-V ISA Simulator 1.0" >&2; exit 0; }\n'
    fake = _program(project.path / "spike", banner + text)
    (row,) = run(*CHOICE, f"--mlbench-spike={fake}", "--mlbench-timeout=2").values()
    assert row["outcome"] == "failed"
    assert reason in row["reason"]
    assert row["reason"].startswith("tiny-aot-mine-O3: ")


def test_a_compiler_that_is_broken(run: Run, project: pytest.Pytester) -> None:
    for name in ("gcc", "g++", "ar", "as", "ld"):
        _program(project.path / f"riscv64-broken-{name}", "echo I am broken >&2; exit 1")
    prefix = project.path / "riscv64-broken-"
    (row,) = run(*CHOICE, f"--mlbench-toolchain={prefix}").values()
    assert row["outcome"] == "failed"
    assert str(prefix) in row["reason"]


def test_the_cache_cannot_be_written(run: Run, project: pytest.Pytester) -> None:
    (project.path / "cache").write_text("a file")
    (row,) = run(*CHOICE, "--mlbench-cache=cache").values()
    assert row["outcome"] == "failed"
    assert "cache" in row["reason"]
    assert "Name another folder with --mlbench-cache" in row["reason"]
