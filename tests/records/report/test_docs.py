"""What the documents name exists; the workflow for users is as strict as it says."""

from __future__ import annotations

import argparse
import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_mlbench.builtin import option_table

DOCS = Path(__file__).parents[3] / "docs"
WORKFLOW = DOCS / "mlbench-workflow.yml"
OWN = ("ci.md", "gate.md", "history.md", "reports.md", "scripting.md", "mlbench-workflow.yml")


def workflow() -> Any:
    return yaml.safe_load(WORKFLOW.read_text())


@pytest.mark.parametrize("name", OWN)
def test_every_option_that_is_named_exists(name: str) -> None:
    text = (DOCS / name).read_text()
    flags = {row.flag for row in option_table()}
    assert set(re.findall(r"--mlbench-[a-z-]+[a-z]", text)) <= flags
    assert set(re.findall(r"\bmlbench_[a-z_]+(?= =)", text)) <= {row.ini for row in option_table()}


@pytest.mark.parametrize("name", OWN)
def test_every_command_that_is_named_parses(name: str) -> None:
    text = (DOCS / name).read_text().replace("\\\n", " ")
    named = re.findall(r"(?:^|[`$:] *)mlbench (\w+)((?: +--?\w[\w-]*)?)", text, re.MULTILINE)
    assert named or name not in {"gate.md", "reports.md", "mlbench-workflow.yml"}
    for command, flag in named:
        module = importlib.import_module(f"pytest_mlbench.script.commands.{command}")
        parser = argparse.ArgumentParser()
        module.add_arguments(parser)
        if flag.strip():
            assert flag.strip() in parser.format_help()


def test_actions_are_pinned_to_commits() -> None:
    steps = [step for job in workflow()["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)*@[0-9a-f]{40}", action)
    lines = [line for line in WORKFLOW.read_text().splitlines() if "uses:" in line]
    assert all(re.search(r"# v\d+\.\d+\.\d+$", line) for line in lines)


def test_permissions_are_minimal() -> None:
    data = workflow()
    assert data["permissions"] == {}
    writers = {
        name: job["permissions"]
        for name, job in data["jobs"].items()
        if "write" in job["permissions"].values()
    }
    assert writers == {"comment": {"pull-requests": "write"}}
    comment = data["jobs"]["comment"]["steps"]
    assert not any(
        "checkout" in step.get("uses", "") or "pip" in step.get("run", "") for step in comment
    )


def test_no_expression_reaches_a_shell() -> None:
    for job in workflow()["jobs"].values():
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
