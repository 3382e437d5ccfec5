"""What models by path are called."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pytest_mlbench.models.names import path_names


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["/w/one.tflite"], ["one"]),
        (["/w/a/m.tflite", "/w/b/m.tflite"], ["a/m", "b/m"]),
        (["/w/a/m.tflite", "/w/b/m.tflite", "/w/c.tflite"], ["a/m", "b/m", "c"]),
        (["/a/x/m.tflite", "/b/x/m.tflite", "/b/y/m.tflite"], ["a/x/m", "b/x/m", "y/m"]),
        (["/w/m.tflite", "/w/m.lite"], ["m.tflite", "m.lite"]),
        (["/w/aww.tflite"], ["aww.tflite"]),
        (["/w/größe.tflite", "/w/模型.tflite"], ["größe", "模型"]),
        (["/w/a b:c.tflite"], ["a_b_c"]),
        (["/m.tflite", "/a/m.tflite"], ["m", "a/m"]),
        (["/w/a,b.tflite", "/w/a=b.tflite", "/w/a@b.tflite"], ["a_b", "a_b-2", "a_b-3"]),
        (["/w/x,y/m.tflite", "/w/x=y/m.tflite", "/w/m.tflite"], ["x_y/m", "x_y/m-2", "w/m"]),
        (["/w/a=b.tflite", "/w/a@b.tflite", "/w/a=b.lite"], ["a_b.tflite", "a_b-2", "a_b.lite"]),
        (["/w/aww.tflite", "/w/aww..tflite"], ["aww.tflite", "aww."]),
    ],
)
def test_names(paths: list[str], names: list[str]) -> None:
    wanted = {Path(path): name for path, name in zip(paths, names, strict=True)}
    for seed in range(4):
        shuffled = list(wanted)
        random.Random(seed).shuffle(shuffled)
        assert path_names(shuffled, {"aww"}) == wanted


def test_the_same_file_twice_is_one() -> None:
    assert path_names([Path("/a/m.tflite"), Path("/a/m.tflite")]) == {Path("/a/m.tflite"): "m"}
