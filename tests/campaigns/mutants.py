"""Damaged and changed models, through everything that reads them in this process.

Mutants are made from the structure: the schema's object tree of a good model, with numbers, lists
and references changed, so that most get past the container. Every one of them goes through reader,
samples, lowering, plan and generated C, with one of the sets of kernels. Wrong is: an error that is
not a refusal, a refusal of more than one line, a mutant that takes longer than `SLOW` seconds.
"""

from __future__ import annotations

import functools
import pickle
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flatbuffers
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema
from tiny_models import dense, many_operators

from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.builtin import registry
from pytest_mlbench.errors import MlbenchError
from pytest_mlbench.models.samples import seeded
from pytest_mlbench.models.tflite.reader import read
from pytest_mlbench.models.tflite.writer import write
from pytest_mlbench.models.twins import build as twin
from pytest_mlbench.testing import LAYERS
from pytest_mlbench.testing.profiles import draw_layers

from .tally import chance

if TYPE_CHECKING:
    from random import Random

    from .tally import Tally

SLOW = 20.0
ODD = (0, 1, -1, 2, 3, 7, 127, 128, 255, -128, 2**15, 2**31 - 1, -(2**31), 2**62)
FLOATS = (0.0, 1.0, -1.0, 1e-10, 1e10, 3.4e38, float("inf"), float("nan"), 1e-45)

SETS = (
    ((), "rv32gc"),
    (("tuned",), "rv32gc"),
    (("tuned", "dext"), "rv32gc"),
    (("tuned", "vext"), "rv32gcv_zvl128b"),
)
"""Features, and the ISA that they need."""


def campaign(tally: Tally, seed: int, first: int, count: int) -> None:
    """Read and lower `count` mutants in this process."""
    slowest = 0.0
    for number in tally.trials(first, count):
        random = chance("mutants", seed, number)
        data = mutant(random.choice(every_model()), random)
        chosen = random.choice(SETS)
        label = f"mutant {number} of seed {seed}"
        began = time.perf_counter()
        try:
            whole_way(data, *chosen)
            tally.outcomes["accepted"] += 1
        except MlbenchError as error:
            tally.outcomes["refused"] += 1
            text = str(error)
            tally.expect("\n" not in text and len(text) < 2000, f"{label}: {text[:200]!r}")
        except Exception:  # noqa: BLE001 (that is what is looked for)
            last = traceback.format_exc().strip().splitlines()
            tally.expect(False, f"{label}: {last[-1]} ({last[-3].strip()})")
        took = time.perf_counter() - began
        slowest = max(slowest, took)
        tally.facts["slowest"] = f"{slowest:.1f} s"
        tally.expect(took < SLOW, f"{label}: {took:.1f} s")


def whole_way(data: bytes, features: tuple[str, ...] = (), isa: str = "rv32gc") -> None:
    """Reader, samples, lowering, plan, C. Raises MlbenchError for a refusal."""
    graph = read(data, where="mutant.tflite")
    seeded(graph, "0" * 64, count=1)
    known = _registry()
    found = [*(known.feature(name).library for name in features), "reference"]
    names = filter(None, dict.fromkeys(found))
    request = GenerateRequest(
        graph=graph,
        model_data=data,
        libraries=tuple(known.libraries[name] for name in names),
        features=features,
        isa=isa,
        optimize="3",
        config={},
        sources=lambda name: Path(name),
    )
    known.backend("aot").generate(request)


@functools.cache
def small_models() -> tuple[bytes, ...]:
    """A few networks, and one layer of every kind that there is."""
    layers = [draw_layers(LAYERS[kind], 1)[0] for kind in sorted(LAYERS)]
    return (dense().model([3]), write(many_operators()), *(write(one.graph) for one in layers))


@functools.cache
def every_model() -> tuple[bytes, ...]:
    """The small ones, and one of a real network's size."""
    return (*small_models(), twin("aww"))


def mutant(data: bytes, random: Random) -> bytes:
    """A changed model: mostly by its structure, at times by its bytes."""
    if random.random() < 0.15:
        raw = bytearray(data)
        for _ in range(random.randint(1, 6)):
            raw[random.randrange(len(raw))] = random.randrange(256)
        return bytes(raw)
    model = pickle.loads(_tables(data))  # faster than reading the file again
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        _change(model, random)
    builder = flatbuffers.Builder(1 << 12)
    try:
        builder.Finish(model.Pack(builder), b"TFL3")
    except Exception:  # noqa: BLE001 (values that no file can hold)
        return data
    return bytes(builder.Output())


_registry = functools.cache(registry)


@functools.cache
def _tables(data: bytes) -> bytes:
    """The file's object tree, pickled."""
    return pickle.dumps(schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0)))


def _change(model: Any, random: Random) -> None:
    """Change one value somewhere in the model's tables; buffers only now and then."""
    graph = model.subgraphs[0] if model.subgraphs else None
    roots = [model, *(model.operatorCodes or ())]
    if graph is not None:
        roots += [graph, *(graph.operators or ()), *(graph.tensors or ())] * 4
    table = random.choice(roots)
    for _ in range(3):
        fields = [name for name in vars(table) if getattr(table, name) is not None]
        if not fields:
            return
        name = random.choice(fields)
        value = getattr(table, name)
        if hasattr(value, "__dict__"):
            if random.random() < 0.1:
                setattr(table, name, None)
                return
            table = value
            continue
        setattr(table, name, _other(value, random))
        return


def _other(value: Any, random: Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return random.choice((value + random.choice((-1, 1, 2, -2)), random.choice(ODD)))
    if isinstance(value, float):
        return random.choice(FLOATS)
    if isinstance(value, (bytes, str)):
        return random.choice((b"", b"\x1b[2J\n", b"x" * 300, value))
    rows = list(value)
    how = random.randrange(6)
    if not rows or how == 0:
        return random.choice(([], None))
    place = random.randrange(len(rows))
    if how == 1:
        del rows[place]
    elif how == 2:
        rows.append(rows[place])
    elif how == 3:
        rows[place] = rows[random.randrange(len(rows))]
    elif not hasattr(rows[place], "__dict__"):
        kind = rows[place]
        rows[place] = _other(float(kind) if isinstance(kind, float) else int(kind), random)
    return rows
