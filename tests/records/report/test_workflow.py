"""The workflow for users, step by step: every command of it is run, as a runner would.

pip, gh and provisioning are stand-ins; pytest runs a project whose measurements are made up.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import synthetic
import yaml

from pytest_mlbench.records.gate import baseline

if TYPE_CHECKING:
    from warm_programs import Server

DOCS = Path(__file__).parents[3] / "docs"
TESTS = Path(__file__).parents[2]

CONFTEST = f"""
import json, pathlib, sys
sys.path.insert(0, {str(TESTS)!r})
import pytest, synthetic
from pytest_mlbench.records.gate import load
from pytest_mlbench.records.gate.compare import compare_all
from pytest_mlbench.records.record import dumps

def pytest_addoption(parser):
    pass

def pytest_sessionfinish(session):
    option = session.config.getoption
    scale = json.loads(pathlib.Path("scale.json").read_text())
    rows = [synthetic.record(option("mlbench_model")[0], scale=scale)]
    path = pathlib.Path(option("mlbench_json"))
    path.parent.mkdir(exist_ok=True)
    path.write_text(dumps(rows))
    if before := option("mlbench_baseline"):
        found = compare_all(load.load(pathlib.Path(before)).values(), rows)
        if any(row.state in ("regressed", "incomparable") for row in found if row.new):
            session.exitstatus = 1
"""

GH = r"""
# The comments of one pull request, in a file; as much of `gh api` as the workflow uses.
import json, os, pathlib, sys
store = pathlib.Path(os.environ["GH_STORE"])
comments = json.loads(store.read_text())
words = sys.argv[1:]
assert words.pop(0) == "api", words
path = next(word for word in words if word.startswith("repos/"))
method = words[words.index("--method") + 1] if "--method" in words else "GET"
if method == "GET":
    assert "startswith(env.MARKER)" in words[words.index("--jq") + 1]
    for at, body in enumerate(comments):
        if body.startswith(os.environ["MARKER"]):
            print(at)
    sys.exit()
body = pathlib.Path(words[words.index("-F") + 1].removeprefix("body=@")).read_text()
if method == "PATCH":
    comments[int(path.rsplit("/", 1)[1])] = body
else:
    comments.append(body)
store.write_text(json.dumps(comments))
"""


class Runner:
    """Runs a job's steps with bash, as GitHub does: -e -o pipefail, values from the environment."""

    def __init__(self, folder: Path, warm: Server) -> None:
        self.folder = folder
        self.workflow = yaml.safe_load((DOCS / "mlbench-workflow.yml").read_text())
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.summary = folder / "summary.md"
        self.summary.write_text("")
        self.comments = folder / "comments.json"
        self.comments.write_text(json.dumps(["a comment of somebody else"]))
        self.artifacts = folder / "artifacts"
        self.work = folder / "work"
        self.script("pip", "#!/bin/sh\nexit 0\n")
        (self.bin / "gh.py").write_text(GH)
        warm.program(self.bin / "warm-python")
        self.script("gh", '#!/bin/sh\nexec warm-python "$(dirname "$0")/gh.py" "$@"\n')
        # Provisioning is not what is tried here.
        warm.program(self.bin / "warm-mlbench", "pytest_mlbench")
        self.script("mlbench", '#!/bin/sh\n[ "$1" = provision ] || exec warm-mlbench "$@"\n')
        # Without workers: what is run is one made-up test.
        warm.program(self.bin / "warm-pytest", "pytest")
        self.script(
            "pytest",
            '#!/bin/bash\nwords=()\nwhile [ $# -gt 0 ]; do case "$1" in -n|--dist) shift 2;; '
            '*) words+=("$1"); shift;; esac; done\n'
            'exec warm-pytest -q -p no:cacheprovider "${words[@]}"\n',
        )

    def script(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def checkout(self, scale: float, before: str = "") -> None:
        """A fresh work folder with the project's files."""
        shutil.rmtree(self.work, ignore_errors=True)
        (self.work / "benchmarks").mkdir(parents=True)
        (self.work / "conftest.py").write_text(CONFTEST)
        (self.work / "benchmarks" / "test_it.py").write_text("def test_it(): pass\n")
        (self.work / "scale.json").write_text(json.dumps(scale))
        if before:
            (self.work / "benchmarks" / "baseline.yaml").write_text(before)

    def job(self, name: str, **matrix: str) -> list[int]:
        """The exit status of each of the job's commands."""
        values = {f"matrix.{key}": value for key, value in matrix.items()}
        found = []
        for step in self.workflow["jobs"][name]["steps"]:
            uses = step.get("uses", "")
            if "download-artifact" in uses:
                self.download(step["with"])
            elif "upload-artifact" in uses:
                target = self.artifacts / self.value(step["with"]["name"], values)
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(self.work / step["with"]["path"], target)
            elif "run" in step:
                found.append(self.run(step, values))
        return found

    def download(self, given: dict[str, Any]) -> None:
        for source in sorted(self.artifacts.glob(given.get("pattern", given.get("name", "")))):
            shutil.copytree(source, self.work / given["path"], dirs_exist_ok=True)

    def run(self, step: dict[str, Any], values: dict[str, str]) -> int:
        own = {**self.workflow["env"], **step.get("env", {})}
        environment = {key: self.value(text, values) for key, text in own.items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.work, capture_output=True, text=True, check=False, timeout=120,
            env={
                **os.environ, **environment, "PATH": f"{self.bin}:{os.environ['PATH']}",
                "GITHUB_STEP_SUMMARY": str(self.summary), "GITHUB_REPOSITORY": "me/project",
                "GH_STORE": str(self.comments),
            },
        )  # fmt: skip
        self.said = done.stdout + done.stderr
        return done.returncode

    def value(self, text: str, values: dict[str, str]) -> str:
        known = {
            "github.workspace": str(self.work),
            "github.token": "token",
            "github.event.pull_request.number": "7",
            **values,
        }
        return re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda match: known[match[1]], str(text))

    def all(self, scale: float, before: str = "") -> dict[str, list[int]]:
        """A whole run for two models; each job starts from a fresh checkout."""
        shutil.rmtree(self.artifacts, ignore_errors=True)
        found = {}
        for name, matrix in (
            ("provision", {}),
            ("bench", {"model": "aww"}),
            ("bench", {"model": "vww"}),
            ("report", {}),
            ("comment", {}),
        ):
            self.checkout(scale, before)
            found[f"{name} {matrix.get('model', '')}".strip()] = self.job(name, **matrix)
        return found

    def report(self, name: str) -> str:
        return (self.artifacts / "mlbench-report" / name).read_text()


@pytest.fixture
def runner(tmp_path: Path, warm: Server) -> Runner:
    return Runner(tmp_path, warm)


def accepted(scale: float = 1.0, toolchain: str = "") -> str:
    rows = [synthetic.record(model, scale=scale) for model in ("aww", "vww")]
    if toolchain:
        rows = [
            synthetic.replace(row, provenance={**row.provenance, "toolchain": toolchain})
            for row in rows
        ]
    return baseline.dumps(rows)


def good(found: dict[str, list[int]]) -> bool:
    return not any(status for statuses in found.values() for status in statuses)


def test_a_project_from_the_first_push_to_a_regression(runner: Runner) -> None:
    found = runner.all(1.0)
    assert good(found), runner.said
    assert "There is no benchmarks/baseline.yaml yet" in runner.summary.read_text()
    assert "| aww |" in runner.summary.read_text()
    offered = runner.report("baseline.yaml")
    assert set(baseline.loads(offered, where="")) == {"aww-aot-_-O3", "vww-aot-_-O3"}
    assert "<h1>Benchmarks</h1>" in runner.report("index.html")
    other, made = json.loads(runner.comments.read_text())
    assert other == "a comment of somebody else"
    assert made.startswith("<!-- pytest-mlbench -->\n")

    assert good(runner.all(1.0, before=offered)), f"with the offered baseline: {runner.said}"
    assert runner.report("baseline.yaml") == offered == accepted()

    found = runner.all(1.5, before=offered)
    assert found["bench aww"][-1] == found["bench vww"][-1] == 1, "a regression fails its shards"
    assert found["report"] == [0, 0, 0], f"the regression is reported: {runner.said}"
    assert "2,100,000" in runner.report("comment.md")
    accepting = baseline.loads(runner.report("baseline.yaml"), where="")
    assert accepting["aww-aot-_-O3"].metrics["run_cycles"] == 2_100_000
    other, edited = json.loads(runner.comments.read_text())
    assert other == "a comment of somebody else", "only its own comment is edited"
    assert edited.startswith("<!-- pytest-mlbench -->\n")
    assert "2,100,000" not in made
    assert "2,100,000" in edited


def test_a_baseline_from_another_compiler_is_told_and_replaced(runner: Runner) -> None:
    found = runner.all(1.0, before=accepted(toolchain="gcc 99"))
    assert found["bench aww"][-1] == 1, "strict: not comparable"
    assert found["report"] == [0, 0, 0], runner.said
    assert "gcc 99" in runner.report("comment.md")
    # The test above runs with this baseline.
    assert runner.report("baseline.yaml") == accepted()
