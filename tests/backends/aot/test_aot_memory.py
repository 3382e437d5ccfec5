"""The memory plan: nothing that is still needed is ever overwritten; the bound is one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlbench.backends.aot.memory_plan.arrange import Memory, arrange
from pytest_mlbench.backends.aot.memory_plan.bounds import lower_bound
from pytest_mlbench.backends.aot.memory_plan.need import Need, TensorOverlap
from pytest_mlbench.backends.aot.memory_plan.problem import Buffer, BufferOverlap, aligned
from pytest_mlbench.backends.aot.memory_plan.search import plan
from pytest_mlbench.kernels.interface import ALIGNMENT
from pytest_mlbench.models.tflite.graph import Graph, Operator, Tensor
from pytest_mlbench.testing.profiles import THOROUGH

BUFFERS = st.lists(
    st.builds(
        lambda size, first, length: Buffer(size, first, first + length),
        st.integers(1, 5000),
        st.integers(0, 30),
        st.integers(0, 8),
    ),
    max_size=25,
)


@given(BUFFERS)
@settings(max_examples=200, deadline=None)
def test_no_two_live_buffers_overlap(buffers: list[Buffer]) -> None:
    found = plan(buffers)
    spans = list(zip(buffers, found.offsets, strict=True))
    for number, (one, start) in enumerate(spans):
        assert start >= 0
        assert start % ALIGNMENT == 0
        assert start + one.size <= found.peak
        for other, place in spans[:number]:
            if one.meets(other):
                assert start + one.size <= place or place + other.size <= start
    assert found.peak >= lower_bound(buffers)
    assert found.peak == max((s + aligned(b.size) for b, s in spans), default=0)


@given(BUFFERS)
@settings(max_examples=50, deadline=None)
def test_plan_is_deterministic(buffers: list[Buffer]) -> None:
    assert plan(buffers) == plan(list(buffers))


def test_plan_meets_the_bound_where_greedy_by_size_alone_does_not() -> None:
    # Placed by size, the 4 lands on top of the 6; placed first, everything fits into 16 * 10.
    buffers = [
        Buffer(16 * 6, 2, 3),
        Buffer(16 * 5, 0, 1),
        Buffer(16 * 4, 1, 2),
        Buffer(16 * 3, 3, 4),
        Buffer(16 * 1, 0, 2),
    ]
    assert plan(buffers).peak == lower_bound(buffers)


def test_lower_bound_counts_what_is_live_at_once() -> None:
    assert lower_bound([]) == 0
    assert lower_bound([Buffer(10, 0, 1), Buffer(20, 1, 2), Buffer(40, 3, 3)]) == 16 + 32
    assert lower_bound([Buffer(10, 0, 1), Buffer(20, 2, 2)]) == 32


@st.composite
def needy_graphs(draw: st.DrawFn) -> tuple[Graph, list[Need]]:
    """A graph of any shape with every kind of need; sizes are what counts, not arithmetic."""
    tensors: list[Tensor] = []

    def tensor(size: int) -> int:
        tensors.append(Tensor(len(tensors), "", (size,), "int8"))
        return len(tensors) - 1

    inputs = [tensor(draw(st.integers(1, 90))) for _ in range(draw(st.integers(1, 3)))]
    known = list(inputs)
    operators, needs = [], []
    for index in range(draw(st.integers(0, 10))):
        sources = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))
        same = draw(st.integers(0, 3)) == 0
        size = tensors[sources[0]].elements if same else draw(st.integers(1, 90))
        output = tensor(size)
        operators.append(Operator(index, "ANY", tuple(sources), (output,)))
        places = draw(st.lists(st.integers(0, len(sources) - 1), max_size=3, unique=True))
        needs.append(
            Need(same_bytes=True)
            if same
            else Need(
                overlaps=tuple(
                    TensorOverlap(
                        sources[place],
                        output,
                        draw(st.sampled_from([0, 0, 16, 20, 32, 90])),
                        draw(st.booleans()),
                    )
                    for place in places
                ),
                scratch=draw(st.sampled_from([0, 0, 30])),
                persistent=draw(st.sampled_from([0, 0, 20])),
            )
        )
        known.append(output)
    outputs = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))
    return Graph("", tuple(tensors), tuple(operators), tuple(inputs), tuple(outputs)), needs


def test_a_buffer_read_in_one_more_place_is_not_overwritten() -> None:
    tensors = tuple(Tensor(index, "", (8,), "int8") for index in range(3))
    operators = (Operator(0, "RESHAPE", (0,), (1,)), Operator(1, "ANY", (0, 1, 0), (2,)))
    graph = Graph("", tensors, operators, (0,), (2,))
    known, all_known = (
        (TensorOverlap(0, 2), TensorOverlap(1, 2)),
        (TensorOverlap(0, 2), TensorOverlap(1, 2), TensorOverlap(0, 2)),
    )
    for over, apart in ((known, True), (all_known, False)):
        memory = arrange(graph, [Need(same_bytes=True), Need(overlaps=over)])
        assert (memory.tensors[2] != memory.tensors[0]) is apart


def _chain(*sizes: int) -> Graph:
    tensors = tuple(Tensor(index, "", (size,), "int8") for index, size in enumerate(sizes))
    count = len(sizes) - 1
    operators = tuple(Operator(i, "ANY", (i,), (i + 1,)) for i in range(count))
    return Graph("", tensors, operators, (0,), (count,))


def test_an_output_lies_over_its_input_as_far_before_it_as_its_kernel_needs() -> None:
    graph = _chain(160, 320, 160)
    needs = [
        Need(overlaps=(TensorOverlap(0, 1, 170, exact=False),)),
        Need(overlaps=(TensorOverlap(1, 2, 32),)),
    ]
    memory = arrange(graph, needs)
    assert memory.tensors[0] - memory.tensors[1] >= 170
    assert memory.tensors[1] - memory.tensors[2] == 32
    assert memory.bound == 32 + 320  # of the second operator alone
    assert memory.peak == 32 + 176 + 160


def test_an_exact_distance_that_no_aligned_place_has_is_not_used() -> None:
    memory = arrange(_chain(160, 160), [Need(overlaps=(TensorOverlap(0, 1, 8),))])
    assert memory.peak == 320


def test_overlaps_that_lower_nothing_do_no_harm() -> None:
    buffers = [Buffer(160, 0, 1), Buffer(160, 1, 2)]
    assert plan(buffers, [BufferOverlap(1, 0, 160)]).peak == plan(buffers).peak == 320


@given(needy_graphs())
@settings(max_examples=2_000 if THOROUGH else 150, deadline=None)
def test_every_tensor_is_whole_when_it_is_read(case: tuple[Graph, list[Need]]) -> None:
    graph, needs = case
    memory = arrange(graph, needs)
    assert memory.bound <= memory.peak
    for _ in range(2):  # the second inference finds what the first one left
        _execute(graph, needs, memory)


def _execute(graph: Graph, needs: list[Need], memory: Memory) -> None:
    """Runs the plan on an arena whose bytes say whose they are.

    A tensor that is the same bytes as another carries that other's mark.
    """
    arena: list[object] = [None] * memory.peak
    marks: dict[int, object] = {}

    def write(offset: int, size: int, mark: object) -> None:
        assert 0 <= offset <= offset + size <= memory.peak
        arena[offset : offset + size] = [mark] * size

    def check(index: int) -> None:
        start = memory.tensors[index]
        size = graph.tensors[index].bytes
        assert arena[start : start + size] == [marks[index]] * size, f"tensor {index} is damaged"

    for number, offset in memory.persistent.items():
        write(offset, needs[number].persistent, ("persistent", number))
    for index in graph.inputs:
        marks[index] = index
        write(memory.tensors[index], graph.tensors[index].bytes, index)
    for operator, need in zip(graph.operators, needs, strict=True):
        output = operator.outputs[0]
        for index in operator.inputs:
            check(index)
        if need.same_bytes:
            assert memory.tensors[output] == memory.tensors[operator.inputs[0]]
            marks[output] = marks[operator.inputs[0]]
            continue
        # Written before the inputs are read for the last time, unless the kernel allows it.
        write(memory.tensors[output], graph.tensors[output].bytes, output)
        marks[output] = output
        if need.scratch:
            write(memory.scratch[operator.index], need.scratch, "scratch")
        ways = [o for o in need.overlaps if _is_so(o, memory, graph)]
        # The kernel must know of every place in which it reads what it overwrites.
        overwritten = {marks[o.source] for o in ways}
        for mark in overwritten:
            places = sorted(index for index in operator.inputs if marks[index] == mark)
            alike = {(o.distance, o.exact) for o in ways if marks[o.source] == mark}
            assert any(
                places
                == sorted(
                    o.source
                    for o in need.overlaps
                    if marks[o.source] == mark and (o.distance, o.exact) == way
                )
                for way in alike
            )
        for index in operator.inputs:
            if marks[index] not in overwritten:
                check(index)
        check(output)
    for index in graph.outputs:
        check(index)
    for number, offset in memory.persistent.items():
        size = needs[number].persistent
        assert arena[offset : offset + size] == [("persistent", number)] * size


def _is_so(way: TensorOverlap, memory: Memory, graph: Graph) -> bool:
    """Whether the output meets the source and lies as `way` allows it."""
    source, output = memory.tensors[way.source], memory.tensors[way.output]
    sizes = graph.tensors[way.source].bytes, graph.tensors[way.output].bytes
    if source + sizes[0] <= output or output + sizes[1] <= source:
        return False
    before = source - output
    return before == way.distance if way.exact else before >= way.distance


def test_the_blocks_tell_the_plan() -> None:
    graph = _chain(160, 320)
    memory = arrange(graph, [Need(scratch=64, persistent=32)])
    kinds = {block.kind: block for block in memory.blocks if block.kind != "tensor"}
    assert kinds["scratch"].first == kinds["scratch"].last == 1
    assert (kinds["persistent"].first, kinds["persistent"].last) == (0, 2)
    assert kinds["persistent"].offset == memory.persistent[0]
    tensors = {index: block for block in memory.blocks for index in block.tensors}
    assert {index: block.offset for index, block in tensors.items()} == memory.tensors
    assert max(block.offset + aligned(block.size) for block in memory.blocks) == memory.peak
