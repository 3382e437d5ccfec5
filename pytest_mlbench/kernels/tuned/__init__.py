"""Kernel library `tuned`: kernels with few instructions, bit-exact with TensorFlow Lite."""
