"""The library's structs as C initialisers with named fields, so that their order does not matter.

In Python, dims are batch, height, width, channels and tiles are rows, columns. The library's dims
are n, h, w, c; its tiles are w, h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_mlbench.kernels.interface import Argument
    from pytest_mlbench.models.operators.layers import Conv2D, Elementwise, FullyConnected, Pool2D

PREFIX = "mlbench_cmsisnn_"


def struct(name: str, values: Mapping[str, str], arrays: Mapping[str, Argument]) -> Struct:
    """The adapter's constant struct `name`."""
    return Struct(f"struct {PREFIX}{name}", {**values, **arrays}, name)


def asked(function: str, struct: str, values: Mapping[str, str]) -> str:
    """The C expression that calls the library's `function` with a compound literal."""
    return f"{PREFIX}{function}(&(const struct {PREFIX}{struct}){initialiser(**values)})"


def initialiser(**fields: int | str) -> str:
    """`{.name = value, ...}`."""
    return "{" + ", ".join(f".{name} = {value}" for name, value in fields.items()) + "}"


def dims(shape: Sequence[int]) -> str:
    """A cmsis_nn_dims of four sizes."""
    n, h, w, c = (int(size) for size in shape)
    return initialiser(n=n, h=h, w=w, c=c)


def tile(rows_columns: tuple[int, int]) -> str:
    """A cmsis_nn_tile of (rows, columns)."""
    rows, columns = rows_columns
    return initialiser(w=int(columns), h=int(rows))


def activation(layer: Conv2D | FullyConnected | Pool2D | Elementwise) -> str:
    """A cmsis_nn_activation of the layer\'s bounds."""
    return initialiser(min=int(layer.activation_min), max=int(layer.activation_max))
