from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tiny_models import dense, many_operators

from pytest_mlbench import process
from pytest_mlbench.errors import ReferenceFailed, Unavailable
from pytest_mlbench.measure.validation import golden as module
from pytest_mlbench.measure.validation.golden import Reference, arena_size, golden
from pytest_mlbench.models.load import LoadedModel
from pytest_mlbench.models.operators import numpy_reference
from pytest_mlbench.models.operators.numpy_reference import execute
from pytest_mlbench.models.samples import seeded
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.models.tflite.reader import read
from pytest_mlbench.models.tflite.writer import write
from pytest_mlbench.provision.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path

MICRO = module.REFERENCES[0]
needs_micro = pytest.mark.skipif(
    importlib.util.find_spec("tflite_micro") is None, reason="needs tflite-micro"
)


def loaded(data: bytes, count: int = 3) -> LoadedModel:
    graph = read(data)
    samples = seeded(graph, "golden", count=count)
    return LoadedModel("tiny", data, hashlib.sha256(data).hexdigest(), graph, samples)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Counts how often a reference is really run."""
    seen: list[tuple[str, ...]] = []
    real = process.run

    def run(command, **options):
        seen.append(tuple(map(str, command)))
        return real(command, **options)

    monkeypatch.setattr(process, "run", run)
    return seen


@needs_micro
def test_a_depth_multiplier_of_0_is_filled_in_for_the_reference(cache: Cache) -> None:
    """The interpreter leaves the output as it was when the field is 0."""
    build = GraphBuilder()
    x = build.input("x", (1, 5, 5, 2), scale=0.5, zero_point=3)
    taps = np.random.default_rng(3).integers(-128, 128, (1, 3, 3, 8)).astype(np.int8)
    w = build.constant("w", taps, scale=0.01, axis=3)
    y = build.activation("y", (1, 3, 3, 8), scale=0.9, zero_point=-10)
    build.op("DEPTHWISE_CONV_2D", [x, w], [y], padding="VALID", stride_w=1, stride_h=1)
    model = loaded(build.model([y]))
    assert model.graph.operators[0].options["depth_multiplier"] == 0
    outputs = golden(model, cache).outputs
    assert outputs == execute(model.graph, model.samples)
    assert len(set(outputs)) == len(outputs)


def test_outputs_are_the_layers_arithmetic(cache: Cache) -> None:
    model = loaded(dense().model([3]))
    result = golden(model, cache)
    assert result.reference.startswith("tflite-micro ")
    weights = np.arange(-16, 16).reshape(4, 8)
    for (sample,), (output,) in zip(model.samples, result.outputs, strict=True):
        x = np.frombuffer(sample, np.int8).astype(int)
        real = (weights @ (x - 3) + [1, -2, 300, -400]) * (0.5 * 0.01) / 0.25 - 5
        expected = np.clip(np.floor(real + 0.5), -5, 127)
        assert np.abs(np.frombuffer(output, np.int8) - expected).max() <= 1


@needs_micro
def test_many_operators_several_inputs_and_outputs(cache: Cache) -> None:
    model = loaded(write(many_operators()))
    result = golden(model, cache)
    sizes = [[len(data) for data in sample] for sample in result.outputs]
    assert sizes == [[16, 32]] * 3


@needs_micro
def test_the_second_time_it_comes_from_the_cache(cache: Cache, runs: list) -> None:
    model = loaded(dense().model([3]))
    first = golden(model, cache)
    assert golden(model, cache) == first
    assert len(runs) == 1
    golden(replace(model, samples=model.samples[:2]), cache)
    assert len(runs) == 2
    other = replace(model, samples=seeded(model.graph, "other", count=3))
    assert golden(other, cache).outputs != first.outputs
    assert len(runs) == 3


def test_a_damaged_entry_is_made_again(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """In numpy, which starts no process: the cache is the same for all references."""
    runs = []

    def computed(*arguments, **options):
        runs.append(arguments)
        return execute(*arguments, **options)

    monkeypatch.setattr(numpy_reference, "execute", computed)
    model = loaded(dense().model([3]))
    first = golden(model, cache, references=())
    damages = list(product(["outputs.bin", "golden.json"], ["flip", "cut", "remove"]))
    for number, (file, damage) in enumerate(damages):
        (path,) = cache.root.glob(f"golden/*/{file}")
        path.chmod(0o644)
        data = path.read_bytes()
        if damage == "remove":
            path.unlink()
        else:
            path.write_bytes(data[:-1] if damage == "cut" else bytes([data[0] ^ 1]) + data[1:])
        assert golden(model, cache, references=()) == first, f"{file}: {damage}"
        assert len(runs) == number + 2, f"{file}: {damage}"


@needs_micro
def test_what_the_interpreter_cannot_run_is_said_in_its_words(cache: Cache) -> None:
    build = dense()
    y = build.op("MyOwnThing", [3], [build.activation("z", (1, 4), scale=1.0)])
    with pytest.raises(ReferenceFailed) as caught:
        golden(loaded(build.model([y])), cache)
    assert "cannot run tiny, so it cannot be validated" in caught.value.what
    assert "registration from op code CUSTOM" in caught.value.what
    assert "Traceback" not in str(caught.value)
    assert not list(cache.root.glob("golden/*/outputs.bin"))


def softmax(samples: list[np.ndarray]) -> LoadedModel:
    """1,000 values: of 512 and more that are equal the interpreter aborts."""
    build = GraphBuilder()
    x = build.input("x", (1, 1000), scale=0.5)
    y = build.activation("y", (1, 1000), scale=1 / 256, zero_point=-128)
    build.op("SOFTMAX", [x], [y], beta=1.0)
    data = build.model([y])
    rows = tuple((one.astype(np.int8).tobytes(),) for one in samples)
    return LoadedModel("wide", data, hashlib.sha256(data).hexdigest(), read(data), rows)


@needs_micro
def test_a_sample_that_the_reference_aborts_on_is_named_and_the_others_count(cache: Cache) -> None:
    good = np.arange(1000) % 256 - 128
    model = softmax([np.zeros(1000), good, np.zeros(1000), good[::-1], np.ones(1000)])
    for _from_cache in range(2):
        found = golden(model, cache)
        assert sorted(found.aborted) == [0, 2, 4]
        assert "signal 6" in found.aborted[2]
        assert [bool(row) for row in found.outputs] == [False, True, False, True, False]
        alone = golden(softmax([good, good[::-1]]), cache)
        assert not alone.aborted
        assert alone.outputs == (found.outputs[1], found.outputs[3])


@needs_micro
def test_a_reference_that_aborts_on_every_sample_cannot_validate(cache: Cache) -> None:
    with pytest.raises(
        ReferenceFailed,
        match=r"cannot run any of \d+ samples? of wide, so it cannot be validated \(signal 6",
    ):
        golden(softmax([np.zeros(1000)] * 3), cache)


def test_without_a_wheel_numpy_takes_its_place_and_says_so(cache: Cache) -> None:
    nothing = Reference("no-such-distribution", "no_such_module_at_all")
    assert nothing.identity() == ""
    model = loaded(dense().model([3]))
    result = golden(model, cache, references=(nothing,))
    assert "in numpy (no tflite-micro here)" in result.reference
    if MICRO.identity():
        assert golden(model, cache).outputs == result.outputs


def test_what_numpy_cannot_execute_asks_for_the_wheel(cache: Cache) -> None:
    build = dense()
    y = build.op("MyOwnThing", [3], [build.activation("z", (1, 4), scale=1.0)])
    with pytest.raises(Unavailable, match=r"without tflite-micro: .*MyOwnThing") as caught:
        golden(loaded(build.model([y])), cache, references=())
    assert "pip install tflite-micro" in caught.value.remedy


def test_the_entry_says_what_it_is(cache: Cache) -> None:
    golden_model = loaded(dense().model([3]))
    if not MICRO.identity():
        pytest.skip("needs tflite-micro")
    golden(golden_model, cache)
    (path,) = cache.root.glob("golden/*/golden.json")
    facts = json.loads(path.read_text())
    assert facts["model_sha256"] == golden_model.sha256
    assert facts["reference"] == MICRO.identity()


def test_the_arena_is_generous_and_bounded() -> None:
    small = loaded(dense().model([3])).graph
    assert arena_size(small) == 1 << 20
    huge = replace(small.tensors[3], shape=(1 << 30,))
    assert arena_size(replace(small, tensors=(*small.tensors[:3], huge))) == 1 << 30
