/* Two activations in one double: a + b * 2^23 (gemm_pairs.S). */
#ifndef MLBENCH_TUNED_PAIR_H
#define MLBENCH_TUNED_PAIR_H

#include <stdint.h>

static inline double pair(int8_t a, int8_t b) { return (double)((int32_t)((uint32_t)b << 23) + a); }

#endif
