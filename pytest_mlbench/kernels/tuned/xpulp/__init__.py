"""Feature `xpulp`: kernels for the CORE-V instructions of the CV32E40P."""
