VexRiscv_Full.v
