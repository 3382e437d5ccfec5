"""int16x8: int16 activations with zero point 0, int8 weights, an int64 bias.

The layers that the int8 operators lower to when their activations are int16, by families. An
accumulator of 64 bits is scaled by a multiplier of 15 bits and rounded once
(`MultiplyByQuantizedMultiplier` of int64); one of 32 bits as int8's are.
"""
