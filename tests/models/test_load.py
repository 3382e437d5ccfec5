from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tiny_models import dense

from pytest_mlbench.errors import FetchRefused, Unavailable, UsageError
from pytest_mlbench.models import load as load_module
from pytest_mlbench.models.load import from_path, load
from pytest_mlbench.models.model import Model
from pytest_mlbench.models.twins import build
from pytest_mlbench.models.zoo import MODELS
from pytest_mlbench.provision.pins import pins

if TYPE_CHECKING:
    from pathlib import Path


class Shelf:
    """A fetcher of what lies in a folder; what does not is missing, or `error`."""

    def __init__(self, folder: Path, error: type[Exception] = Unavailable) -> None:
        self.folder = folder
        self.error = error
        self.asked: list[str] = []

    def put(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def artifact(self, name: str) -> Path:
        self.asked.append(name)
        path = self.folder / name
        if not path.exists():
            raise self.error(f"{name} is not here", remedy="Bring it")
        return path


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


MODEL = Model(
    name="mine",
    artifact="mine/mine.tflite",
    inputs=("mine/0.bin", "mine/1.bin"),
    twin=lambda: build("toycar"),
)


def test_the_zoo_has_four_originals_and_their_twins() -> None:
    names = [model.name for model in MODELS]
    assert names[:4] == ["aww", "resnet", "vww", "toycar"]
    assert names[4:] == [f"{name}_twin" for name in names[:4]]


def test_every_file_of_the_zoo_is_pinned() -> None:
    for model in MODELS[:4]:
        for name in (model.artifact, *model.inputs):
            assert pins().artifact(name).sha256
        assert len(model.inputs) == 10


def test_an_artifact_and_its_samples(shelf: Shelf) -> None:
    data = dense().model([3])
    shelf.put("mine/mine.tflite", data)
    shelf.put("mine/0.bin", bytes(range(8)))
    shelf.put("mine/1.bin", bytes(8))
    loaded = load(MODEL, shelf, strict=True)
    assert loaded.name == "mine"
    assert loaded.data == data
    assert loaded.sha256 == hashlib.sha256(data).hexdigest()
    assert loaded.samples == ((bytes(range(8)),), (bytes(8),))
    assert loaded.note == ""
    assert shelf.asked == ["mine/mine.tflite", "mine/0.bin", "mine/1.bin"]


def test_without_the_original_the_twin_takes_its_name_and_says_so(shelf: Shelf) -> None:
    loaded = load(MODEL, shelf, strict=False)
    assert loaded.name == "mine_twin"
    assert loaded.data == build("toycar")
    assert len(loaded.samples) == 10
    assert "mine is not available here; mine_twin" in loaded.note
    assert "mine/mine.tflite is not here. Bring it" in loaded.note


def test_a_missing_sample_brings_the_twin_as_well(shelf: Shelf) -> None:
    shelf.put("mine/mine.tflite", dense().model([3]))
    shelf.put("mine/0.bin", bytes(8))
    loaded = load(MODEL, shelf, strict=False)
    assert loaded.name == "mine_twin"
    assert "mine/1.bin is not here" in loaded.note


def test_strict_wants_the_original(shelf: Shelf) -> None:
    with pytest.raises(Unavailable, match="is not here"):
        load(MODEL, shelf, strict=True)


def test_without_a_twin_there_is_no_stand_in(shelf: Shelf) -> None:
    with pytest.raises(Unavailable, match="is not here"):
        load(replace(MODEL, twin=None), shelf, strict=False)


@pytest.mark.parametrize("strict", [False, True])
def test_wrong_content_is_never_covered_by_the_twin(tmp_path: Path, strict: bool) -> None:
    shelf = Shelf(tmp_path, FetchRefused)
    with pytest.raises(FetchRefused):
        load(MODEL, shelf, strict=strict)


def test_the_twin_by_its_own_name_is_the_same_model(shelf: Shelf) -> None:
    models = {model.name: model for model in MODELS}
    fallen = load(models["aww"], shelf, strict=False)
    asked = load(models["aww_twin"], shelf, strict=True)
    assert replace(fallen, note="", graph=asked.graph) == asked
    assert fallen.note
    assert not asked.note


def test_a_model_has_one_origin(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="0 of artifact, path and build"):
        load(Model(name="empty"), shelf, strict=False)
    with pytest.raises(UsageError, match="2 of artifact, path and build"):
        load(replace(MODEL, path=tmp_path), shelf, strict=False)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("person-detect.tflite", "person-detect"),
        ("My Model (v2.1).tflite", "My_Model_v2.1"),
        ("weights.bin", "weights"),
        ("(!).tflite", "model"),
    ],
)
def test_a_file_gives_its_name(tmp_path: Path, file: str, name: str) -> None:
    assert from_path(tmp_path / file).name == name


def test_a_users_file_gets_seeded_samples(tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "a.tflite"
    path.write_bytes(dense().model([3]))
    first = load(from_path(path), shelf, strict=True)
    assert first.samples == load(from_path(path), shelf, strict=True).samples
    assert len(set(first.samples)) == 10
    assert {len(sample[0]) for sample in first.samples} == {8}


def test_a_users_model_may_have_sample_files_beside_it(tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "a.tflite"
    path.write_bytes(dense().model([3]))
    (tmp_path / "one.bin").write_bytes(bytes(range(8)))
    model = replace(from_path(path), inputs=("one.bin",))
    assert load(model, shelf, strict=True).samples == ((bytes(range(8)),),)
    with pytest.raises(UsageError, match=r"two\.bin: cannot be read: No such file"):
        load(replace(model, inputs=("two.bin",)), shelf, strict=True)


def test_bad_files_are_mistakes_that_name_them(
    tmp_path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(path: Path) -> str:
        with pytest.raises(UsageError) as caught:
            load(from_path(path), shelf, strict=False)
        return str(caught.value)

    text = tmp_path / "text.tflite"
    text.write_text("Hello, world")
    assert told(text).startswith(f"{text}: not a .tflite file")
    assert "No such file" in told(tmp_path / "none.tflite")
    assert "is a folder" in told(tmp_path)
    os.mkfifo(tmp_path / "pipe.tflite")
    assert "a device" in told(tmp_path / "pipe.tflite")
    monkeypatch.setattr(load_module, "MAX_FILE", 5)
    assert "larger than 5 bytes" in told(text)
