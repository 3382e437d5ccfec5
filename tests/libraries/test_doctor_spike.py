"""`doctor --sources` with doubles: each variant built, as lines and as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.__main__ import main
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.firmware.components import Component

if TYPE_CHECKING:
    from pytest_mlbench.measure.toolbox import Toolbox

pytestmark = pytest.mark.spike


def test_each_variant_is_built_and_a_lacking_compiler_is_no_fault(
    sources: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    toolbox: Toolbox,
) -> None:
    try:  # doctor fetches nothing: the compiler and its C++ headers have to be there
        toolbox.toolchain_for("rv32gc", [Component("cxx", texts={"any.cc": ""})])
    except Unavailable as error:
        pytest.skip(str(error))
    broken = tmp_path / "cmsis_nn"
    given = [f"--source={name}={path}" for name, path in sources.items()]
    words = ["doctor", "--sources", "--cache", os.environ["MLBENCH_CACHE"], "--offline", *given]
    main([*words, "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["pytest-mlbench"]
    assert report["system"]
    rows = {row["name"]: row for row in report["rows"]}
    if rows["toolchain"]["state"] == "missing":
        pytest.skip(rows["toolchain"]["detail"])
    for name in ("aot cmsisnn", "aot muriscvnn", "tflmi", "tflmi cmsisnn", "tflmi muriscvnn"):
        row = rows[f"build {name}"]
        assert row["state"] == "ok", row
        assert "contract double" in row["detail"], "the version is named"
    if "gcc 12." in rows["build tflmi"]["detail"]:
        row = rows["build aot muriscvnn,vext"]
        assert row["state"] == "note"
        assert row["detail"].startswith("not tried: ")

    broken.mkdir()
    (broken / "Include").symlink_to(sources["cmsisnn"] / "Include")
    (broken / "Source").mkdir()
    (broken / "Source/arm_x_s8.c").write_text("int x = ;\n")
    others = [word for word in words if not word.startswith("--source=cmsisnn=")]
    status = main([*others, f"--source=cmsisnn={broken}"])
    assert status == 1
    line = next(row for row in capsys.readouterr().out.splitlines() if "build aot cmsisnn" in row)
    assert line.startswith("missing ")
    assert "arm_x_s8.c:1: error: expected expression" in line


def test_variants_of_sources_that_are_not_here_are_short_rows(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The row of the source says what to do, once. The cache has the tools, and no sources."""
    known = Path(os.environ["MLBENCH_CACHE"])
    for kind in ("debian", "tools"):
        if (known / kind).is_dir():
            (tmp_path / kind).symlink_to(known / kind)
    assert main(["doctor", "--sources", "--json", "--offline", "--cache", str(tmp_path)]) == 1
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    if rows["toolchain"]["state"] == "missing":
        pytest.skip(rows["toolchain"]["detail"])
    row = rows["build aot cmsisnn"]
    assert row["state"] == "missing"
    assert row["detail"].startswith("not tried: source cmsisnn: ")
    assert len(row["detail"]) < 80
