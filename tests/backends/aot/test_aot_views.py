"""CONCATENATION, SPLIT and slices of whole rows without a copy, where the memory plan allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import ModelCase, check_models
from pytest_mlbench.testing import draw as d
from pytest_mlbench.testing.profiles import THOROUGH

if TYPE_CHECKING:
    from pytest_mlbench.backends.interface import Generated

pytest.importorskip("tflite_micro", reason="the reference interpreter is not installed")

KNOWN: dict[str, Any] = {"scale": 0.25, "zero_point": 3}
WIDTH = 16


class Rows:
    """A model of tensors of some rows of 16 int8 values, or a few less."""

    def __init__(self, rows: int = 4, width: int = WIDTH) -> None:
        self.build = GraphBuilder("rows")
        self.rows: dict[int, int] = {}
        self.width = width
        self.x = self._new(rows, self.build.input)

    def _new(self, rows: int, make: Any = None) -> int:
        name, make = f"t{len(self.rows)}", make or self.build.activation
        index = int(make(name, (rows, self.width), **KNOWN))
        self.rows[index] = rows
        return index

    def leaky(self, x: int) -> int:
        """Something that writes a tensor anew and may do so in place."""
        y = self._new(self.rows[x])
        self.build.op("LEAKY_RELU", [x], [y], alpha=0.5)
        return y

    def add(self, x: int, y: int) -> int:
        """The sum of two of the same size."""
        z = self._new(self.rows[x])
        self.build.op("ADD", [x, y], [z])
        return z

    def join(self, *pieces: int) -> int:
        """CONCATENATION along the rows."""
        y = self._new(sum(self.rows[piece] for piece in pieces))
        self.build.op("CONCATENATION", list(pieces), [y], axis=0)
        return y

    def split(self, x: int, count: int) -> list[int]:
        """SPLIT along the rows."""
        axis = self.build.constant("axis", np.array(0, np.int32))
        outputs = [self._new(self.rows[x] // count) for _ in range(count)]
        self.build.op("SPLIT", [axis, x], outputs, num_splits=count)
        return outputs

    def cut(self, x: int, first: int, rows: int) -> int:
        """SLICE of some rows."""
        begin = self.build.constant("begin", np.array([first, 0], np.int32))
        size = self.build.constant("size", np.array([rows, self.width], np.int32))
        y = self._new(rows)
        self.build.op("SLICE", [x, begin, size], [y])
        return y

    def model(self, *outputs: int) -> ModelCase:
        """The finished model with two samples."""
        graph = self.build.finish(list(outputs))
        rng = np.random.default_rng(1)
        shape = (self.rows[self.x], self.width)
        samples = tuple((d.int8(rng, shape),) for _ in range(2))
        return ModelCase(graph, samples)


def copies(generated: Generated) -> list[str]:
    """The operators of this kind that run."""
    kinds = ("CONCATENATION", "SPLIT", "SLICE")
    return [
        row["name"]
        for row in generated.operators
        if row["name"] in kinds and row["kernel"] != "none"
    ]


def test_what_is_joined_is_computed_in_its_place() -> None:
    rows = Rows()
    a, b = rows.leaky(rows.x), rows.leaky(rows.x)
    (made,) = check_models([rows.model(rows.leaky(rows.join(a, b)))])
    assert copies(made) == []


def test_what_is_cut_is_read_where_it_is() -> None:
    rows = Rows(6)
    whole = rows.leaky(rows.x)
    one, two, three = rows.split(whole, 3)
    (made,) = check_models(
        [rows.model(rows.add(one, three), two, rows.leaky(rows.cut(whole, 1, 3)))]
    )
    assert copies(made) == []


def test_pieces_of_pieces_lie_in_the_outermost() -> None:
    rows = Rows()
    inner = rows.join(rows.leaky(rows.x), rows.leaky(rows.x))
    outer = rows.join(rows.leaky(rows.x), inner)
    (made,) = check_models([rows.model(rows.leaky(outer), rows.leaky(rows.cut(outer, 5, 4)))])
    assert copies(made) == []


def test_a_piece_that_would_not_be_aligned_is_copied() -> None:
    rows = Rows(width=WIDTH - 1)
    a, b = rows.leaky(rows.x), rows.leaky(rows.x)
    (made,) = check_models([rows.model(rows.leaky(rows.join(a, b)))])
    assert copies(made) == ["CONCATENATION"]


def test_what_is_in_two_places_or_comes_from_outside_is_copied() -> None:
    rows = Rows()
    a = rows.leaky(rows.x)
    twice, given_too = rows.join(a, a), rows.join(rows.x, a)
    (made,) = check_models([rows.model(rows.leaky(twice), rows.leaky(given_too))])
    assert copies(made) == ["CONCATENATION", "CONCATENATION"]


def test_a_view_that_costs_memory_is_not_taken() -> None:
    """The long chain over `a` works in place; as a piece of the whole it could not."""
    rows = Rows(rows=32)
    whole = rows.leaky(rows.x)
    head = rows.cut(whole, 0, 1)
    rest = rows.leaky(rows.leaky(rows.leaky(whole)))
    (made,) = check_models([rows.model(rows.leaky(head), rest)])
    assert copies(made) == ["SLICE"]


def test_a_variable_keeps_its_own_buffer() -> None:
    """What will be assigned is computed before the old value is read."""
    rows = Rows(rows=3)
    handle = rows.build.activation("h", (), "resource")
    rows.build.op("VAR_HANDLE", [], [handle], container="", shared_name="v")
    whole = rows.join(rows.leaky(rows.x), rows.leaky(rows.leaky(rows.x)))
    new = rows.cut(whole, 1, 3)
    old = rows._new(3)
    rows.build.op("READ_VARIABLE", [handle], [old])
    rows.build.op("ASSIGN_VARIABLE", [handle, new], [])
    (made,) = check_models([rows.model(rows.leaky(old), rows.leaky(rows.cut(whole, 0, 2)))])
    assert copies(made) == []


@st.composite
def models(draw: d.Draw) -> ModelCase:
    """Up to 12 operators on tensors of few rows."""
    rows = Rows(int(draw(st.integers(1, 6))))
    for _ in range(draw(st.integers(2, 12))):
        x = int(draw(st.sampled_from(sorted(rows.rows))))
        step = draw(st.sampled_from(["leaky", "add", "join", "join", "split", "cut"]))
        if step == "leaky":
            rows.leaky(x)
        elif step == "add":
            same = [each for each, size in rows.rows.items() if size == rows.rows[x]]
            rows.add(x, int(draw(st.sampled_from(same))))
        elif step == "join" and sum(rows.rows.values()) < 100:
            rows.join(
                x, *draw(st.lists(st.sampled_from(sorted(rows.rows)), min_size=1, max_size=2))
            )
        elif step == "split":
            counts = [count for count in (1, 2, 3) if rows.rows[x] % count == 0]
            rows.split(x, draw(st.sampled_from(counts)))
        else:
            first = draw(st.integers(0, rows.rows[x] - 1))
            rows.cut(x, first, draw(st.integers(1, rows.rows[x] - first)))
    made = sorted(set(rows.rows) - {rows.x})
    outputs = draw(st.lists(st.sampled_from(made), min_size=1, max_size=3, unique=True))
    return rows.model(*outputs)


@settings(
    max_examples=500 if THOROUGH else 20,
    deadline=None,
    derandomize=not THOROUGH,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(model=models())
def test_random_models_equal_tflm(model: ModelCase) -> None:
    check_models([model])
