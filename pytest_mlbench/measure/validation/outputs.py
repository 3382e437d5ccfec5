"""Compares a firmware's outputs with the reference's: every byte of all outputs and samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlbench.errors import OutputMismatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Graph, Tensor


@dataclass(frozen=True)
class Comparison:
    """`samples` were compared, and `matched` of them are equal in every byte.

    `mismatch` describes the first sample that differs and the largest difference of any value; it
    is empty if all samples match.
    """

    samples: int
    matched: int
    mismatch: str = ""


def compare(
    graph: Graph,
    got: Sequence[Sequence[bytes]],
    expected: Sequence[Sequence[bytes]],
) -> Comparison:
    """Compare raw outputs, `[sample][output]`. A missing sample or output is a mismatch. A sample
    of which no outputs are expected is left out."""
    tensors = [graph.tensors[index] for index in graph.outputs]
    mismatches = []
    matched = 0
    for number, wanted in enumerate(expected):
        if not wanted:
            continue
        found = got[number] if number < len(got) else None
        mismatch = _compare_sample(number, tensors, found, wanted)
        matched += not mismatch
        if mismatch:
            mismatches.append(mismatch)
    if len(got) > len(expected):
        mismatches.append(f"{len(got)} samples came back, expected {len(expected)}")
    text = ""
    count = sum(1 for wanted in expected if wanted)
    if mismatches:
        text = f"{mismatches[0]}; {matched} of {count} samples match the reference"
        largest = _largest(tensors, got, expected)
        text += f"; the largest difference is {largest}" if largest else ""
    return Comparison(count, matched, text)


def require_match(comparison: Comparison, *, where: str = "") -> None:
    """Raises OutputMismatch unless every sample matched."""
    if comparison.mismatch:
        raise OutputMismatch(comparison.mismatch, where=where)


def _compare_sample(
    number: int, tensors: list[Tensor], got: Sequence[bytes] | None, expected: Sequence[bytes]
) -> str:
    """Describes the first difference in one sample; empty if there is none."""
    if got is None:
        return f"sample {number} did not come back"
    if len(got) != len(expected):
        return f"sample {number}: {len(got)} outputs came back, expected {len(expected)}"
    for place, (tensor, found, wanted) in enumerate(zip(tensors, got, expected, strict=True)):
        if bytes(found) == bytes(wanted):
            continue
        which = f"sample {number}, output {place} ({tensor.name})"
        if len(found) != len(wanted):
            return f"{which}: {len(found)} bytes, expected {len(wanted)}"
        return f"{which}, {_first_difference(tensor, found, wanted)}"
    return ""


def _first_difference(tensor: Tensor, got: bytes, expected: bytes) -> str:
    import numpy as np

    kind = np.dtype(tensor.dtype).newbyteorder("<")
    width = kind.itemsize
    # Bits are compared, not values: a NaN equals itself here, and -0.0 is not 0.0.
    rows = [np.frombuffer(data, np.uint8).reshape(-1, width) for data in (got, expected)]
    wrong = np.flatnonzero((rows[0] != rows[1]).any(axis=1))
    first = int(wrong[0])
    values = [_show(np.frombuffer(data, kind), first) for data in (got, expected)]
    place = np.unravel_index(first, tensor.shape) if tensor.shape else ()
    index = ", ".join(str(int(one)) for one in place)
    count = len(rows[0])
    return (
        f"element {first} [{index}]: got {values[0]}, expected {values[1]} "
        f"({len(wrong)} of {count} elements differ)"
    )


def _largest(
    tensors: list[Tensor], got: Sequence[Sequence[bytes]], expected: Sequence[Sequence[bytes]]
) -> str:
    """The largest difference between two values; empty if nothing can be compared or all agree."""
    import numpy as np

    most = 0.0
    for found, wanted in zip(got, expected, strict=False):
        for tensor, one, other in zip(tensors, found, wanted, strict=False):
            if len(one) == len(other):
                kind = np.dtype(tensor.dtype).newbyteorder("<")
                values = [np.frombuffer(data, kind).astype(np.float64) for data in (one, other)]
                gaps = np.abs(values[0] - values[1])
                most = max(most, float(gaps[np.isfinite(gaps)].max(initial=0.0)))
    return f"{most:g}" if most else ""


def _show(values: NDArray[np.generic], index: int) -> str:
    return str(values[index].item())
