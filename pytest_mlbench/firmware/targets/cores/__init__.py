"""Real cores as targets: firmware runs on a model that Verilator makes of the core's own RTL."""
