"""int16x8: int16 activations with zero point 0, int8 weights, an int64 bias.

These are the layers of operators with int16 activations, by families. An accumulator of 64 bits is
scaled by a multiplier of 15 bits and rounded once (`MultiplyByQuantizedMultiplier` of int64); an
accumulator of 32 bits is scaled as for int8.
"""
