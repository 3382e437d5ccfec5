/* Scaling of a sum of 64 bits (`MultiplyByQuantizedMultiplier` of int64). */
#ifndef MLBENCH_WIDE_H
#define MLBENCH_WIDE_H

#include <stdint.h>

/* sum * multiplier * 2^(shift - 15), to nearest with ties up, modulo 2^32, clamped; the multiplier
 * has 15 bits. */
static inline int16_t mlbench_finish_wide(int64_t sum, int32_t multiplier, int32_t shift,
                                          int32_t low, int32_t high) {
  const int32_t right = 15 - shift;
  const int64_t exact = (sum * multiplier + ((int64_t)1 << (right - 1))) >> right;
  const int32_t value = (int32_t)(uint32_t)exact;
  return (int16_t)(value < low ? low : value > high ? high : value);
}

#endif
