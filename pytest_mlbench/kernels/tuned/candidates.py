"""Which kernels may run each class of layers: the table that `library` chooses from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlbench.isa import Isa
from pytest_mlbench.models.operators import layers
from pytest_mlbench.models.operators.activation import LeakyRelu
from pytest_mlbench.models.operators.picked import Pick
from pytest_mlbench.models.operators.resize import ResizeBilinear
from pytest_mlbench.models.operators.split import Split
from pytest_mlbench.models.operators.strided import StridedCopy
from pytest_mlbench.models.operators.transpose_conv import TransposeConv

from .code import code
from .dext.conv2d import lower_conv2d_pairs
from .dext.depthwise import lower_depthwise_pairs
from .dext.winograd import lower_winograd
from .geometry import as_convolution, as_row
from .integer.add import lower_add, lower_add_line
from .integer.average_pool2d import lower_average_pool2d
from .integer.channel_line import lower_channel_line
from .integer.conv2d import lower_conv2d
from .integer.depthwise import lower_depthwise
from .integer.elementwise import lower_elementwise
from .integer.fully_connected import lower_fully_connected
from .integer.lookup import lower_lookup
from .integer.max_pool2d import lower_max_pool2d
from .integer.mean import lower_mean
from .integer.quantize import lower_quantize
from .integer.softmax import lower_softmax
from .moves import lower_move, lower_vector_move
from .predict import prediction
from .predict.facts import Machine
from .resize import lower_resize_bilinear, lower_vector_resize_bilinear
from .softmax_two import lower_softmax_two, lower_vector_softmax_two
from .transpose_conv import lower_transpose_conv, lower_vector_transpose_conv
from .vext.arithmetic import lower_vector_arithmetic
from .vext.average_pool2d import lower_vector_average_pool2d
from .vext.channel_line import lower_vector_channel_line
from .vext.conv2d import lower_other_vector_conv2d, lower_vector_conv2d
from .vext.depthwise import lower_other_vector_depthwise, lower_vector_depthwise
from .vext.elementwise import lower_vector_add
from .vext.fully_connected import lower_vector_fully_connected
from .vext.lookup import lower_vector_lookup
from .vext.reduce import (
    lower_vector_max_pool2d,
    lower_vector_max_pool2d_blocks,
    lower_vector_mean,
)
from .vext.softmax import lower_vector_softmax
from .xpulp.add import lower_xpulp_add
from .xpulp.average import lower_xpulp_average_pool2d, lower_xpulp_mean
from .xpulp.conv2d import lower_xpulp_conv2d, lower_xpulp_fully_connected
from .xpulp.depthwise import lower_xpulp_depthwise
from .xpulp.max_pool2d import lower_xpulp_max_pool2d

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Layer


@dataclass(frozen=True)
class Candidate:
    """A kernel for one class of layers; if `kinds` is not empty, only for these operators.

    `lower` returns None for a layer that the kernel cannot compute. Where the feature `unless` is
    usable, the kernel does not exist: its source is compiled for that feature.
    """

    feature: str
    lower: Callable[[Any, LowerContext], KernelCall | None]
    kinds: tuple[str, ...] = ()
    unless: str = ""

    def takes(self, layer: Layer) -> bool:
        """May the kernel support `layer`?"""
        return not self.kinds or layer.kind in self.kinds


_ARITHMETIC = ("ADD", "SUB", "MUL")
_MOVES = (Candidate("vext", lower_vector_move), Candidate("tuned", lower_move, unless="vext"))
_TABLES = (Candidate("vext", lower_vector_lookup), Candidate("tuned", lower_lookup))

CANDIDATES: dict[type[Layer], tuple[Candidate, ...]] = {
    LeakyRelu: _TABLES,
    Pick: _MOVES,
    ResizeBilinear: (
        Candidate("vext", lower_vector_resize_bilinear),
        Candidate("tuned", lower_resize_bilinear, unless="vext"),
    ),
    Split: _MOVES,
    StridedCopy: _MOVES,
    TransposeConv: (
        Candidate("vext", lower_vector_transpose_conv),
        Candidate("tuned", lower_transpose_conv),
    ),
    layers.Affine: (Candidate("tuned", lower_quantize, ("QUANTIZE",)),),
    layers.Conv2D: (
        Candidate("vext", lower_vector_conv2d),
        Candidate("vext", lower_other_vector_conv2d),
        Candidate("dext", lower_winograd),
        Candidate("dext", lower_conv2d_pairs),
        Candidate("xpulp", lower_xpulp_conv2d),
        Candidate("tuned", lower_conv2d),
    ),
    layers.DepthwiseConv2D: (
        Candidate("vext", lower_vector_depthwise),
        Candidate("vext", lower_other_vector_depthwise),
        Candidate("dext", lower_depthwise_pairs),
        Candidate("xpulp", lower_xpulp_depthwise),
        Candidate("tuned", lower_depthwise),
    ),
    layers.Elementwise: (
        Candidate("vext", lower_vector_channel_line, _ARITHMETIC),
        Candidate("vext", lower_vector_add, ("ADD",)),
        Candidate("vext", lower_vector_arithmetic, _ARITHMETIC),
        Candidate("xpulp", lower_xpulp_add, ("ADD",)),
        Candidate("tuned", lower_channel_line, _ARITHMETIC),
        Candidate("tuned", lower_add_line, ("ADD",)),
        Candidate("tuned", lower_add, ("ADD",)),
        Candidate("tuned", lower_elementwise, _ARITHMETIC),
    ),
    layers.ElementwiseChain: (
        Candidate("vext", lower_vector_channel_line),
        Candidate("tuned", lower_channel_line),
    ),
    layers.FullyConnected: (
        Candidate("vext", lower_vector_fully_connected),
        Candidate("xpulp", lower_xpulp_fully_connected),
        Candidate("tuned", lower_fully_connected),
    ),
    layers.Concatenation: _MOVES,
    layers.Lookup: _TABLES,
    layers.Mean: (
        Candidate("vext", lower_vector_mean),
        Candidate("xpulp", lower_xpulp_mean),
        Candidate("tuned", lower_mean),
    ),
    layers.Pad: _MOVES,
    layers.Pool2D: (
        Candidate("vext", lower_vector_average_pool2d, ("AVERAGE_POOL_2D",)),
        Candidate("vext", lower_vector_max_pool2d_blocks, ("MAX_POOL_2D",)),
        Candidate("vext", lower_vector_max_pool2d, ("MAX_POOL_2D",)),
        Candidate("xpulp", lower_xpulp_average_pool2d, ("AVERAGE_POOL_2D",)),
        Candidate("tuned", lower_average_pool2d, ("AVERAGE_POOL_2D",)),
        Candidate("xpulp", lower_xpulp_max_pool2d, ("MAX_POOL_2D",)),
        Candidate("tuned", lower_max_pool2d, ("MAX_POOL_2D",)),
    ),
    layers.Rescale: _TABLES,
    layers.Softmax: (
        Candidate("vext", lower_vector_softmax_two),
        Candidate("vext", lower_vector_softmax),
        Candidate("tuned", lower_softmax_two),
        Candidate("tuned", lower_softmax),
    ),
}
"""Class of layers -> kernels, those of the richest feature first. `choose` takes one of those whose
feature is selected, whose extension the ISA has and that support the layer; if there is none, the
reference kernel runs."""


def calls(layer: Layer, context: LowerContext, usable: Collection[str]) -> Iterator[KernelCall]:
    """The calls of all kernels that support `layer`, those of the richest feature first.

    `usable` are the features that are selected and whose extensions the ISA has.
    """
    isa = Isa.parse(context.isa)
    machine = Machine(
        isa.xlen,
        isa.vlen if "vext" in usable else 0,
        small=context.optimize == "s",
        zbb=isa.has("zbb"),
    )
    if isinstance(layer, layers.Conv2D):
        layer = as_row(layer)
    if isinstance(layer, layers.DepthwiseConv2D):
        convolution = as_convolution(layer)
        if convolution is not None:
            yield from calls(convolution, context, usable)
    for candidate in CANDIDATES.get(type(layer), ()):
        exists = candidate.feature in usable and candidate.unless not in usable
        if exists and candidate.takes(layer):
            call = candidate.lower(layer, context)
            if call is not None:
                yield replace(call, predict=prediction(call, machine), code=code(call))
