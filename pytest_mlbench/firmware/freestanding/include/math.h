/* For toolchains without a C library: what is one instruction where there is an FPU. */
#ifndef MLBENCH_MATH_H
#define MLBENCH_MATH_H

static inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }

#endif
