"""The samples that a model is run with: the zoo's files, or seeded random samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError

from .index_bounds import index_bound
from .stream import Stream
from .tflite.graph import ITEM_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from .tflite.graph import Graph, Quantisation, Tensor

    Draw = Callable[[int, int, int, int, Stream], NDArray[np.int64]]
    """Low, high, zero point and count of a tensor's values, and what they are drawn from."""

COUNT = 10
"""Seeded samples per model: as many as the zoo has sample files."""

MAX_ELEMENTS = 1 << 22
"""The most elements of an input for seeded samples: enough for a camera's picture, but a malicious
file cannot fill the memory."""

ENCODINGS = {"float32": 4, "uint8": 1, "raw": 0}
"""Encoding of a sample file -> bytes per element; 0: the size of the tensor's type."""

_INTEGERS = {"int8": (-128, 127), "uint8": (0, 255), "bool": (0, 1), "int16": (-32768, 32767)}
_INDICES = (0, 127)
"""Wider integers are indices or counts more often than quantities."""

_FEW = 16
"""Ranges of fewer values are covered evenly."""

_OCTAVES = ((1, 1), (4, 1), (16, 2), (64, 2))
"""Elements that are alike, and how strong the noise of that grain is."""


def sequence(
    data: bytes, graph: Graph, encoding: str, *, where: str
) -> tuple[tuple[bytes, ...], ...]:
    """The samples of a file, one behind the other: what a streaming model is fed with, inference
    by inference. Each is what `encode` makes of it, and so is what is raised."""
    tensors = [graph.tensors[index] for index in graph.inputs]
    each = sum(t.elements * (ENCODINGS.get(encoding) or ITEM_SIZE[t.dtype]) for t in tensors)
    count = len(data) // each if each and len(data) % each == 0 else 1
    size = len(data) // count if count else 0
    return tuple(
        encode(data[number * size : (number + 1) * size], graph, encoding, where=where)
        for number in range(max(1, count))
    )


def encode(data: bytes, graph: Graph, encoding: str, *, where: str) -> tuple[bytes, ...]:
    """Converts a sample file's bytes to the raw bytes of each input tensor.

    The file holds all inputs back to back, in the model's order. 'float32' values are
    quantised as TensorFlow Lite's QUANTIZE does: divide by the scale in float32, round half away
    from zero, add the zero point, clamp. Raises UsageError for a wrong size, a value that is not
    a number, or an encoding that does not fit the input's type.
    """
    if encoding not in ENCODINGS:
        raise UsageError(
            f"unknown encoding {encoding!r}, expected {', '.join(ENCODINGS)}", where=where
        )
    tensors = [graph.tensors[index] for index in graph.inputs]
    sizes = [t.elements * (ENCODINGS[encoding] or ITEM_SIZE[t.dtype]) for t in tensors]
    if len(data) != sum(sizes):
        raise UsageError(
            f"{len(data)} bytes, expected {sum(sizes)} ({encoding}) for the model's "
            f"{len(sizes)} input(s)",
            where=where,
        )
    tensors_bytes = []
    start = 0
    for tensor, size in zip(tensors, sizes, strict=True):
        tensors_bytes.append(_encode_one(data[start : start + size], tensor, encoding, where))
        start += size
    return tuple(tensors_bytes)


def _encode_one(data: bytes, tensor: Tensor, encoding: str, where: str) -> bytes:
    import numpy as np

    if encoding == "raw" or encoding == tensor.dtype:
        return data
    if encoding == "uint8" and tensor.dtype == "int8":
        return (np.frombuffer(data, np.uint8) ^ np.uint8(128)).tobytes()
    if encoding == "float32" and tensor.dtype in ("int8", "uint8") and tensor.quantisation.scales:
        values = np.frombuffer(data, "<f4")
        if not np.isfinite(values).all():
            raise UsageError("it contains values that are not numbers", where=where)
        return quantise(values, tensor.quantisation, tensor.dtype).tobytes()
    raise UsageError(
        f"{encoding} samples do not fit input {tensor.name!r} of type {tensor.dtype}",
        where=where,
        remedy="Give the samples as raw bytes of the input tensor",
    )


def quantise(
    values: NDArray[np.float32], quantisation: Quantisation, dtype: str
) -> NDArray[np.generic]:
    """float32 values as stored int8 or uint8 (reference/quantize.h, AffineQuantize)."""
    import numpy as np

    scaled = (values / np.float32(quantisation.scale)).astype(np.float64)
    rounded = np.trunc(scaled + np.copysign(0.5, scaled)) + quantisation.zero_point
    low, high = _INTEGERS[dtype]
    stored: NDArray[np.generic] = np.clip(rounded, low, high).astype(dtype)
    return stored


def seeded(graph: Graph, seed: str, *, count: int = COUNT) -> tuple[tuple[bytes, ...], ...]:
    """`count` samples for any model; one `seed` always gives the same samples.

    The first covers the whole range evenly. The others are like pictures, spectra and signals:
    bell-shaped around a level near the zero point, never without contrast, and neighbours are alike
    (four octaves of noise, the coarser the stronger). So a model's outputs differ as they do in
    use, and logits are never all alike.
    Indices lie within the table that they index.
    Raises UsageError for an input of more than MAX_ELEMENTS, or of a type that has no values.
    """
    return _drawn(graph, seed, count, _natural)


def noise(graph: Graph, seed: str, *, count: int = COUNT) -> tuple[tuple[bytes, ...], ...]:
    """As `seeded`, of any level, contrast and grain, faint ones too: what twins are calibrated and
    measured with."""
    return _drawn(graph, seed, count, _grainy)


def _drawn(graph: Graph, seed: str, count: int, values: Draw) -> tuple[tuple[bytes, ...], ...]:
    for tensor in (graph.tensors[index] for index in graph.inputs):
        if not ITEM_SIZE[tensor.dtype]:
            raise UsageError(f"input {tensor.name!r} is a {tensor.dtype}, which has no values")
        if tensor.elements > MAX_ELEMENTS:
            raise UsageError(
                f"input {tensor.name!r} has {tensor.elements:,} elements, "
                f"expected at most {MAX_ELEMENTS:,} for seeded samples",
                remedy="Register the model with its own sample files (Model.inputs)",
            )
    return tuple(
        tuple(
            _values(
                graph,
                graph.tensors[index],
                _uniform if number == 0 else values,
                Stream(f"{seed}/{number}/{place}"),
            )
            for place, index in enumerate(graph.inputs)
        )
        for number in range(count)
    )


def _values(graph: Graph, tensor: Tensor, draw: Draw, stream: Stream) -> bytes:
    import numpy as np

    if tensor.dtype == "float32":
        return _floats(graph, tensor, draw, stream).astype("<f4").tobytes()
    low, high = _INTEGERS.get(tensor.dtype, _INDICES)
    bound = None if tensor.dtype in ("int8", "uint8", "bool") else index_bound(graph, tensor.index)
    if bound is not None:
        low, high, draw = 0, min(bound - 1, np.iinfo(tensor.dtype).max), _uniform
    elif high - low < _FEW or tensor.dtype not in _INTEGERS:
        draw = _uniform
    values = draw(low, high, tensor.quantisation.zero_point, tensor.elements, stream)
    return values.astype(np.dtype(tensor.dtype).newbyteorder("<")).tobytes()


def _floats(graph: Graph, tensor: Tensor, draw: Draw, stream: Stream) -> NDArray[np.float32]:
    """Floats over the range of the QUANTIZE that reads them, including values on rounding ties."""
    import numpy as np

    scale, zero, low, high = 1 / 128, 0, -128, 127
    for operator in graph.operators:
        if operator.kind == "QUANTIZE" and operator.inputs == (tensor.index,) and operator.outputs:
            target = graph.tensors[operator.outputs[0]]
            if target.quantisation.scales and target.dtype in _INTEGERS:
                scale, zero = target.quantisation.scale, target.quantisation.zero_point
                low, high = _INTEGERS[target.dtype]
    steps = draw(low, high, zero, tensor.elements, stream) - zero
    eighths = stream.integers(-4, 4, tensor.elements)
    values: NDArray[np.float32] = ((steps * 8 + eighths) * (scale / 8)).astype(np.float32)
    return values


def _uniform(low: int, high: int, _zero: int, count: int, stream: Stream) -> NDArray[np.int64]:
    return stream.integers(low, high, count)


def _natural(low: int, high: int, zero: int, count: int, stream: Stream) -> NDArray[np.int64]:
    import numpy as np

    span = high - low
    centre = min(max(zero, low + span // 4), high - span // 4)
    level = centre + int(stream.integers(-(span // 5), span // 5, 1)[0])
    reach = span // int(stream.integers(7, 14, 1)[0])
    values = np.full(count, level, np.int64)
    for grain, strength in _OCTAVES:
        coarse = stream.integers(-reach * strength, reach * strength, -(-count // grain))
        values += np.repeat(coarse, grain)[:count]
    clipped: NDArray[np.int64] = np.clip(values, low, high)
    return clipped


def _grainy(low: int, high: int, _zero: int, count: int, stream: Stream) -> NDArray[np.int64]:
    import numpy as np

    middle, reach = (int(value) for value in stream.integers(0, high - low, 2))
    grain = 1 + int(stream.integers(0, 15, 1)[0])
    coarse = stream.integers(-reach, reach, -(-count // grain))
    fine = stream.integers(-(reach // 8), reach // 8, count)
    values = low + middle + np.repeat(coarse, grain)[:count] // 2 + fine
    clipped: NDArray[np.int64] = np.clip(values, low, high)
    return clipped
