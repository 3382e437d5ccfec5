"""The project's own files agree with one another."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_version_stands_in_one_way() -> None:
    from pytest_mlbench import __version__

    assert PROJECT["project"]["version"] == __version__


def test_hooks_before_a_commit_use_the_linters_of_tox() -> None:
    config = _yaml(ROOT / ".pre-commit-config.yaml")
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    pinned = {
        package
        for hook in hooks
        for package in hook["additional_dependencies"]
        if package.startswith(("ruff", "clang-format"))
    }
    assert len(pinned) == 2
    assert pinned <= set(PROJECT["dependency-groups"]["lint"])


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_pin_their_actions_and_ask_for_little(workflow: Path) -> None:
    data = _yaml(workflow)
    assert data["permissions"] == {}
    steps = [step for job in data["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action in used)
    for job in data["jobs"].values():
        assert job["timeout-minutes"] <= 120
    for step in steps:
        assert "${{" not in step.get("run", "")


def test_every_declared_python_is_tested() -> None:
    declared = {
        text.rpartition(" :: ")[2]
        for text in PROJECT["project"]["classifiers"]
        if re.search(r"Python :: 3\.\d+$", text)
    }
    jobs = _yaml(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
    assert declared == set(jobs["test"]["strategy"]["matrix"]["python"])
