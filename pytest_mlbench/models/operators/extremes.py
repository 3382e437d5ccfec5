"""What the layers of REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN of every type have in common.

Kernels are chosen by a layer's class, so each type has a class of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from .layers import Layer


@dataclass(frozen=True, eq=False)
class AnyExtreme(Layer):
    """REDUCE_MAX and REDUCE_MIN (`sign` -1) over `axes`."""

    input_shape: tuple[int, ...]
    axes: tuple[int, ...]
    sign: int


@dataclass(frozen=True, eq=False)
class AnyArgExtreme(Layer):
    """ARG_MAX and ARG_MIN (`sign` -1): for each of `outer` times `inner` rows of `size` values, the
    index of the first extreme value, int32."""

    outer: int
    size: int
    inner: int
    sign: int
