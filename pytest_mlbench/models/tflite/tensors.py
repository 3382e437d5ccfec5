"""Reads one tensor of the file: type, shape, quantisation, values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .flat import TENSOR_NAME, name_of
from .graph import ITEM_SIZE, Quantisation, Tensor
from .writer import TYPES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .flat import Source

MAX_FILE_RANK = 8
MAX_BYTES = 64 << 20
"""The largest tensor in bytes. It is checked before anything is allocated for a shape."""

_NAMES = {schema: ours for ours, schema in TYPES.items()}
_RANGES = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}


def label(index: int, name: str) -> str:
    """A tensor's name in errors: its number and its shortened name."""
    short = name if len(name) <= 40 else f"{name[:37]}..."
    return f"tensor {index} {short!r}"


def read_tensor(
    source: Source,
    accessor: Any,
    index: int,
    buffers: list[NDArray[np.uint8] | None],
    *,
    computed: bool,
) -> tuple[Tensor | None, list[str]]:
    """The tensor and a list of its problems, which are reported for all tensors at once.

    Damage is raised immediately. `computed`: it is an input or an operator's output, not a
    constant.
    """
    tensor = source.table(accessor, "tensor")
    name = source.text(tensor, TENSOR_NAME, "tensor's name")
    shape = source.integers(tensor, "Shape", most=MAX_FILE_RANK)
    # What was free when the model was made. The interpreter runs it with the sizes in `shape`.
    source.integers(tensor, "ShapeSignature", most=MAX_FILE_RANK)
    who = label(index, name)
    kind = name_of("TensorType", tensor.Type()) or str(tensor.Type())
    problems = []
    if kind not in _NAMES:
        problems.append(f"{who} has type {kind}, expected {', '.join(sorted(TYPES))}")
    if tensor.Sparsity() is not None:
        problems.append(f"{who} is sparse")
    if tensor.VariantTensorsLength():
        problems.append(f"{who} is a variant")
    if -1 in shape:
        problems.append(f"{who} has dynamic shape {shape}")
    if problems:
        return None, problems
    dtype = _NAMES[kind]
    if any(size < 0 for size in shape):
        raise source.refuse(f"damaged .tflite: {who} has shape {shape}")
    if math.prod(shape) * ITEM_SIZE[dtype] > MAX_BYTES:
        raise source.refuse(
            f"{who} has {math.prod(shape):,} elements, expected at most {MAX_BYTES:,} bytes",
            "Use a smaller model",
        )
    if not 0 <= tensor.Buffer() < max(1, len(buffers)):
        raise source.refuse(
            f"damaged .tflite: {who} has buffer {tensor.Buffer()} of {len(buffers)}"
        )
    raw = buffers[tensor.Buffer()] if buffers else None
    quantisation = _quantisation(source, tensor, shape, dtype, who)
    values = _values(source, raw, shape, dtype, who, computed)
    variable = bool(tensor.IsVariable()) and not computed and math.prod(shape) > 0
    # The interpreter resets a variable to its zero point, whatever values the file has for it.
    values = None if variable else values
    return Tensor(index, name, shape, dtype, quantisation, values, variable), []


def _values(
    source: Source,
    raw: NDArray[np.uint8] | None,
    shape: tuple[int, ...],
    dtype: str,
    who: str,
    computed: bool,
) -> NDArray[np.generic] | None:
    import numpy as np

    if dtype == "resource" and not computed:
        raise source.refuse(f"damaged .tflite: {who} is a resource that no operator makes")
    expected = math.prod(shape) * ITEM_SIZE[dtype]
    if raw is None:
        empty = expected == 0 and not computed
        return np.zeros(shape, dtype) if empty else None
    if computed:
        raise source.refuse(f"damaged .tflite: {who} is computed, but has constant values")
    if len(raw) != expected:
        raise source.refuse(
            f"damaged .tflite: {who} has {len(raw)} bytes, expected {expected} "
            f"for {dtype} of shape {shape}"
        )
    stored = np.dtype(dtype).newbyteorder("<")
    values = np.frombuffer(raw.tobytes(), stored).reshape(shape)
    return values.astype(dtype, copy=False)


def _quantisation(
    source: Source, tensor: Any, shape: tuple[int, ...], dtype: str, who: str
) -> Quantisation:
    """Scales and axis are read unchecked; the operators that use them check them."""
    import tflite

    parameters = tensor.Quantization()
    if parameters is None:
        return Quantisation()
    parameters = source.table(parameters, "quantisation")
    if parameters.DetailsType() != tflite.QuantizationDetails.NONE:
        raise source.refuse(
            f"{who} has a custom quantisation", "Convert the model with int8 quantisation"
        )
    most = max(1, *shape, 1)
    count = source.count(parameters.ScaleLength(), f"scales of {who}", most=most)
    scales = tuple(float(one) for one in parameters.ScaleAsNumpy()) if count else ()
    zeros = source.integers(parameters, "ZeroPoint", most=most)
    axis = parameters.QuantizedDimension()
    low, high = _RANGES.get(dtype, (-(2**31), 2**31 - 1))
    if len(zeros) not in (0, 1, len(scales)) or not all(low <= zero <= high for zero in zeros):
        raise source.refuse(f"damaged .tflite: {who} has zero points {_short(zeros)} as {dtype}")
    if not zeros:
        # TensorFlow Lite Micro treats a tensor without zero points as unquantised, even if it has
        # scales (micro_allocator.cc, InitializeTfLiteTensorFromFlatbuffer).
        return Quantisation()
    return Quantisation(scales, zeros, axis)


def _short(values: tuple[float, ...]) -> str:
    text = ", ".join(str(value) for value in values[:4])
    return f"({text}, ...)" if len(values) > 4 else f"({text})"
