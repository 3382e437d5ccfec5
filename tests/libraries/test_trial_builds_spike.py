"""Trial builds of the libraries and the framework, as `doctor --sources` makes them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from libraries import doubles

from pytest_mlbench.errors import BuildFailed
from pytest_mlbench.measure.trial import Trial, trial_build, trials

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.measure.toolbox import Toolbox

pytestmark = pytest.mark.spike


def test_every_variant_that_users_build_is_tried(known: Registry) -> None:
    assert [trial.name for trial in trials(known)] == [
        "aot cmsisnn",
        "aot muriscvnn",
        "aot muriscvnn,vext",
        "tflmi",
        "tflmi cmsisnn",
        "tflmi muriscvnn",
        "tflmi muriscvnn,vext",
    ]


TFLM = ("tflite-micro", doubles.TFLM / "tflite-micro")


@pytest.mark.parametrize(
    ("trial", "broken"),
    [
        (
            Trial("aot", ("cmsisnn",)),
            ("cmsisnn", doubles.CMSIS_NN, "Source/BasicMathFunctions/arm_elementwise_add_s8.c"),
        ),
        (
            Trial("aot", ("muriscvnn",)),
            ("muriscvnn", None, "Source/BasicMathFunctions/muriscv_nn_elementwise_add_s8.c"),
        ),
        (Trial("tflmi", ()), None),  # broken, it is the next one
        (Trial("tflmi", ("cmsisnn",)), (*TFLM, "tensorflow/lite/core/c/common.cc")),
        (Trial("tflmi", ("muriscvnn",)), None),
    ],
    ids=lambda value: value.name if isinstance(value, Trial) else "",
)  # The files that are broken are the first ones of their library to be compiled.
def test_a_trial_build_says_pass_or_the_first_error(
    trial: Trial,
    broken: tuple[str, Path | None, str] | None,
    toolbox_with: Callable[..., Toolbox],
    known: Registry,
    tmp_path: Path,
) -> None:
    sentence = trial_build(trial, toolbox_with(), known)
    assert sentence.startswith("pass: ")
    assert "-O3 for rv32gc with gcc" in sentence
    if broken is None:
        return
    source, tree, file = broken
    folder = tmp_path / "tree"
    if tree is None:
        doubles.muriscv_nn(folder)
    else:
        shutil.copytree(tree, folder)
    with (folder / file).open("a") as text:
        text.write("\nint broken = ;\n")
    toolbox = toolbox_with()
    toolbox = toolbox_with(sources={**toolbox.settings.sources, source: folder})
    with pytest.raises(BuildFailed, match=r"error: expected") as raised:
        trial_build(trial, toolbox, known)
    assert Path(file).name in raised.value.what
    assert f"{source.replace('tflite-micro', 'tflm')} contract double, files " in str(raised.value)


def test_a_trial_links_what_each_kernel_calls(
    toolbox_with: Callable[..., Toolbox], known: Registry, tmp_path: Path
) -> None:
    folder = doubles.variant(tmp_path / "c")
    (file,) = folder.rglob("arm_elementwise_mul_s8.c")
    file.write_text(file.read_text().replace("arm_nn_clamp(", "arm_nn_clamped("))
    toolbox = toolbox_with(sources={"cmsisnn": folder})
    with pytest.raises(BuildFailed, match=r"arm_elementwise_mul_s8\.c:\d+: .*arm_nn_clamped"):
        trial_build(Trial("aot", ("cmsisnn",)), toolbox, known)


@pytest.mark.parametrize("choice", ["", "llvm"])
def test_a_version_without_an_optional_function_passes(
    choice: str, toolbox_with: Callable[..., Toolbox], known: Registry, tmp_path: Path
) -> None:
    """CMSIS-NN 6.0.0, which is pinned, has no FULLY_CONNECTED per channel. Newer compilers refuse a
    call of what is not declared, so its adapter must not be compiled."""
    without = ("arm_fully_connected_per_channel_s8",)
    folder = doubles.variant(tmp_path / "c", vector_sum=6, without=without)
    toolbox = toolbox_with(sources={"cmsisnn": folder})
    trial = Trial("aot", ("cmsisnn",))
    assert trial_build(trial, toolbox, known, choice).startswith("pass: ")
