"""Real cores as targets: firmware runs on a model that Verilator generates from the core's RTL."""
