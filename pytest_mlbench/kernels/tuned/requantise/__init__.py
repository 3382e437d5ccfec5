"""Four ways to scale an accumulator to an output, each with the proof that it is exact.

FixedPoint      one high multiplication and one shift per output: any layer that fits 32 bits
Staircase       the same with all rounding folded into the sum's start: weights kept in registers
Double          one double-precision multiply-add for two outputs
VectorRounding  vsmul and vssra, the two roundings as TensorFlow Lite has them
"""
