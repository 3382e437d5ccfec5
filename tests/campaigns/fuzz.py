"""Damaged and changed models, through everything that reads them in this process.

Mutants are made from the structure: the schema's object tree of a good model, with numbers, lists
and references changed, so that most get past the container. Every one of them goes through reader,
samples, lowering, plan and generated C. Wrong is: an error that is not a refusal, a refusal of more
than one line, a mutant that takes longer than `SLOW` seconds.
"""

from __future__ import annotations

import random
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

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

from .bench import Tally

SLOW = 20.0
ODD = (0, 1, -1, 2, 3, 7, 127, 128, 255, -128, 2**15, 2**31 - 1, -(2**31), 2**62)
FLOATS = (0.0, 1.0, -1.0, 1e-10, 1e10, 3.4e38, float("inf"), float("nan"), 1e-45)


def campaign(seed: int, count: int) -> Tally:
    """`count` mutants in process."""
    tally = Tally("fuzz")
    chance = random.Random(seed)
    outcome: Counter[str] = Counter()
    slowest = 0.0
    for number in range(count):
        data = mutant(chance)
        tally.tried += 1
        began = time.perf_counter()
        try:
            whole_way(data)
            outcome["accepted"] += 1
        except MlbenchError as error:
            outcome["refused"] += 1
            text = str(error)
            tally.expect("\n" not in text and len(text) < 2000, f"mutant {number}: {text[:200]!r}")
        except Exception:  # noqa: BLE001 (that is what is looked for)
            outcome["traceback"] += 1
            last = traceback.format_exc().strip().splitlines()
            tally.expect(False, f"mutant {number} of seed {seed}: {last[-1]} ({last[-3].strip()})")
            Path(f"/tmp/mutant-{seed}-{number}.tflite").write_bytes(data)
        took = time.perf_counter() - began
        slowest = max(slowest, took)
        tally.expect(took < SLOW, f"mutant {number}: {took:.1f} s")
    tally.facts |= {**outcome, "slowest": f"{slowest:.1f} s"}
    return tally


def whole_way(data: bytes) -> None:
    """Reader, samples, lowering, plan, C. Raises MlbenchError for a refusal."""
    graph = read(data, where="mutant.tflite")
    seeded(graph, "0" * 64, count=1)
    known = registry()
    request = GenerateRequest(
        graph=graph,
        model_data=data,
        libraries=(known.libraries["reference"],),
        features=(),
        isa="rv32gc",
        optimize="3",
        config={},
        sources=lambda name: Path(name),
    )
    known.backend("aot").generate(request)


def mutant(chance: random.Random) -> bytes:
    """A changed model: mostly by its structure, at times by its bytes."""
    data = chance.choice(_models())
    if chance.random() < 0.15:
        raw = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        return bytes(raw)
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        _change(model, chance)
    builder = flatbuffers.Builder(1 << 12)
    try:
        builder.Finish(model.Pack(builder), b"TFL3")
    except Exception:  # noqa: BLE001 (values that no file can hold)
        return data
    return bytes(builder.Output())


_MADE: list[bytes] = []


def _models() -> list[bytes]:
    if not _MADE:
        _MADE.extend((dense().model([3]), write(many_operators()), twin("aww")))
    return _MADE


def _change(model: Any, chance: random.Random) -> None:
    """Change one value somewhere in the model's tables; buffers only now and then."""
    graph = model.subgraphs[0] if model.subgraphs else None
    roots = [model, *(model.operatorCodes or ())]
    if graph is not None:
        roots += [graph, *(graph.operators or ()), *(graph.tensors or ())] * 4
    table = chance.choice(roots)
    for _ in range(3):
        fields = [name for name in vars(table) if getattr(table, name) is not None]
        if not fields:
            return
        name = chance.choice(fields)
        value = getattr(table, name)
        if hasattr(value, "__dict__"):
            if chance.random() < 0.1:
                setattr(table, name, None)
                return
            table = value
            continue
        setattr(table, name, _other(value, chance, model))
        return


def _other(value: Any, chance: random.Random, model: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return chance.choice((value + chance.choice((-1, 1, 2, -2)), chance.choice(ODD)))
    if isinstance(value, float):
        return chance.choice(FLOATS)
    if isinstance(value, (bytes, str)):
        return chance.choice((b"", b"\x1b[2J\n", b"x" * 300, value))
    rows = list(value)
    how = chance.randrange(6)
    if not rows or how == 0:
        return chance.choice(([], None))
    place = chance.randrange(len(rows))
    if how == 1:
        del rows[place]
    elif how == 2:
        rows.append(rows[place])
    elif how == 3:
        rows[place] = rows[chance.randrange(len(rows))]
    elif not hasattr(rows[place], "__dict__"):
        kind = rows[place]
        rows[place] = _other(float(kind) if isinstance(kind, float) else int(kind), chance, model)
    return rows
