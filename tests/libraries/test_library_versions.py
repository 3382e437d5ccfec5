"""What a record calls the version of a library."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from libraries import doubles

from pytest_mlbench import process
from pytest_mlbench.builtin import registry
from pytest_mlbench.errors import UsageError
from pytest_mlbench.kernels.cmsisnn import CMSISNN
from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.measure.axes import Axes
from pytest_mlbench.measure.matrix import cases
from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.provision.identity import DOUBLE, version
from pytest_mlbench.provision.pins import newer, pins
from pytest_mlbench.resolution import Given, resolve
from pytest_mlbench.settings import CORE

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *words: str) -> None:
    known = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = process.run(["git", *known, *words], cwd=folder, timeout=60)
    assert done.returncode == 0, done.error_text


def _edit(folder: Path) -> None:
    with (folder / "Include/arm_nn_types.h").open("a") as file:
        file.write("\n")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = doubles.variant(tmp_path / "cmsis_nn")
    (folder / DOUBLE).unlink()
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "one")
    git(folder, "tag", "v1.2.3")
    return folder


def test_a_pinned_tree_is_its_tag_and_commit(tmp_path: Path) -> None:
    commit = pins().sources["cmsisnn"].commit
    named = version("cmsisnn", tmp_path / f"cmsisnn-{commit}" / "tree")
    assert named == "v6.0.0 (69823017d097)"


def test_a_tree_of_the_newer_set_is_its_tag_and_commit(tmp_path: Path) -> None:
    commit = newer("2026")["muriscvnn"].commit
    named = version("muriscvnn", tmp_path / f"muriscvnn-{commit}" / "tree")
    assert named == "v0.1.0 (5474a6a63e73)"


def test_a_tag_that_nobody_verified_is_not_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = replace(pins().sources["cmsisnn"], verified=False)
    some = replace(pins(), sources={"cmsisnn": pin})
    monkeypatch.setattr("pytest_mlbench.provision.pins.pins", lambda: some)
    assert version("cmsisnn", tmp_path / f"cmsisnn-{pin.commit}" / "tree") == "69823017d097"


def test_a_tree_at_another_commit_is_that_commit(tmp_path: Path) -> None:
    assert version("cmsisnn", tmp_path / f"cmsisnn-{'ab' * 20}" / "tree") == "ab" * 6


def test_a_clean_checkout_is_its_git_describe(checkout: Path) -> None:
    assert version("cmsisnn", checkout) == "local v1.2.3"


def test_a_dirty_checkout_is_told_by_its_files(checkout: Path) -> None:
    _edit(checkout)
    first = version("cmsisnn", checkout)
    assert re.fullmatch(r"local v1\.2\.3-dirty, files [0-9a-f]{12}", first)
    _edit(checkout)
    assert version("cmsisnn", checkout) != first


def test_a_folder_without_git_is_told_by_its_files(tmp_path: Path) -> None:
    folder = doubles.variant(tmp_path / "cmsis_nn")
    (folder / DOUBLE).unlink()
    context = LowerContext((), "rv32gc", "3", sources=lambda _: folder)
    assert re.fullmatch(r"local no git checkout, files [0-9a-f]{12}", CMSISNN.version(context))


def test_a_double_is_never_taken_for_the_library(tmp_path: Path) -> None:
    trees = {
        "cmsisnn": doubles.variant(tmp_path / "cmsis_nn"),
        "muriscvnn": doubles.muriscv_nn(tmp_path / "muriscv_nn"),
        "tflite-micro": doubles.TFLM / "tflite-micro",
    }
    for name, folder in trees.items():
        assert version(name, folder).startswith("contract double, ")


def test_revisions_of_a_checkout_are_named_and_the_checkout_stays_as_it_is(
    checkout: Path, tmp_path: Path
) -> None:
    _edit(checkout)
    git(checkout, "commit", "--quiet", "--all", "-m", "two")
    (checkout / "Include/arm_nn_types.h").write_text("dirty\n")
    texts = [f"cmsisnn={checkout}@v1.2.3", f"cmsisnn={checkout}@HEAD", f"ruy={tmp_path}"]
    settings = resolve(CORE, Given(command={"mlbench_source": texts}))
    assert settings.revisions == ("cmsisnn@v1.2.3", "cmsisnn@HEAD")
    assert settings.sources == {"cmsisnn": checkout, "ruy": tmp_path}
    assert settings.chosen("revision")
    toolbox = Toolbox(replace(settings, cache=tmp_path / "cache"))
    found = [toolbox.sources.revision("cmsisnn", name) for name in ("v1.2.3", "HEAD")]
    texts = [(folder / "Include/arm_nn_types.h").read_text() for folder in found]
    assert texts[1] == texts[0] + "\n"
    assert all(re.fullmatch(r"[0-9a-f]{12}", version("cmsisnn", folder)) for folder in found)
    assert (checkout / "Include/arm_nn_types.h").read_text() == "dirty\n"
    with pytest.raises(UsageError, match="has no such revision"):
        toolbox.sources.revision("cmsisnn", "v9")
    with pytest.raises(UsageError, match="no local checkout"):
        toolbox.sources.revision("muriscvnn", "v1")


def test_only_cases_that_are_built_from_the_source_are_multiplied() -> None:
    known = registry()
    asked = {
        "model": ("aww",),
        "backend": ("aot", "tflmi"),
        "features": ((), ("cmsisnn",)),
        "revision": ("cmsisnn@v6.0.0", "cmsisnn@next/one"),
    }
    names = [case.name for case in cases(Axes(asked), known)]
    assert names == [
        "aww-aot-_-O3",
        "aww-aot-cmsisnn-O3-cmsisnn@v6.0.0",
        "aww-aot-cmsisnn-O3-cmsisnn@next_one",
        "aww-tflmi-_-O3",
        "aww-tflmi-cmsisnn-O3-cmsisnn@v6.0.0",
        "aww-tflmi-cmsisnn-O3-cmsisnn@next_one",
    ]
    with pytest.raises(UsageError, match="no case is built from that source"):
        cases(Axes({**asked, "features": ((),)}), known)
