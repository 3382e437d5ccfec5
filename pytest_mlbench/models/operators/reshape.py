"""RESHAPE and SQUEEZE: they change no byte."""

from __future__ import annotations

from .operator import Operator
from .rules import ANY, INT32, Input, Rule
from .shapes import same_elements

_SOURCE = Input(ANY, scales="copied")
_SHAPE = Input(INT32, constant=True, optional=True, scales="none")

OPERATORS = (
    Operator("RESHAPE", Rule((_SOURCE, _SHAPE), ANY, quantised=False), None, None, same_elements),
    Operator("SQUEEZE", Rule((_SOURCE,), ANY, quantised=False), None, None, same_elements),
)
