"""Kernel library `tuned`: as few instructions as the ISA allows, bit for bit TensorFlow Lite's."""
