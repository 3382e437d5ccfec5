"""Several ways to scale an accumulator to an output, each with a proof that it is exact.

FixedPoint      one high multiplication and one shift per output: any layer that fits 32 bits
Staircase       the same with all rounding in the sum's initial value: for weights in registers
Double          one double-precision multiply-add for two outputs
VectorRounding  vsmul and vssra, with TensorFlow Lite's two roundings
"""
