"""Names that people bring from MLonMCU, or from another option."""

from __future__ import annotations

import re

import pytest

from pytest_mlbench.builtin import registry
from pytest_mlbench.measure.other_tools import MLONMCU, refusal

KNOWN = {
    "feature": ("tuned", "muriscvnn", "cmsisnn"),
    "target": ("spike",),
    "backend": ("aot", "tflmi"),
    "model": ("aww",),
}


@pytest.mark.parametrize(
    ("kind", "name", "what", "remedy"),
    [
        ("backend", "tflmc", "unmaintained since 2022", "--mlbench-backend aot and the same"),
        ("backend", "mlif", "MLonMCU's firmware build", "--mlbench-optimize"),
        ("backend", "tvmaot", "TVM's", "--mlbench-backend aot"),
        ("target", "etiss", "simulator that is not built in", "--mlbench-target spike"),
        ("backend", "ETISS", "simulator that is not built in", "--mlbench-target spike"),
        ("target", "ovpsim", "simulator that is not built in", "docs/target.md"),
        ("backend", "spike", "a target, not a backend", "Write --mlbench-target spike"),
        ("backend", "muriscvnn", "a feature, not a backend", "--mlbench-features muriscvnn, with"),
        ("backend", "cmsisnn", "a feature, not a backend", "--mlbench-backend tflmi or aot"),
        ("feature", "tflmi", "a backend, not a feature", "Write --mlbench-backend tflmi"),
        ("model", "tuned", "a feature, not a model", "Write --mlbench-features tuned"),
        ("backend", "aott", "unknown backend 'aott'", "Did you mean 'aot'?"),
    ],
)
def test_a_name_is_answered_by_what_it_is(kind: str, name: str, what: str, remedy: str) -> None:
    error = refusal(kind, name, KNOWN)
    assert what in error.what
    assert remedy in error.remedy
    assert "tflmi'?" not in str(error)


def test_what_is_answered_is_not_built_in_and_what_is_advised_is() -> None:
    known = registry()
    names = {*known.backends, *known.targets, *known.features, *known.models}
    assert not names & set(MLONMCU)
    advised = {
        name
        for _, remedy in MLONMCU.values()
        for name in re.findall(r"-(?:backend|target) (\w+)", remedy)
    }
    assert advised
    assert advised <= names
