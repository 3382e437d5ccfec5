/* 1 / (1 + x) in fixed point: three Newton-Raphson steps, first guess 48/17 - 32/17 x. Not inline:
 * what includes this calls it, and the compiler decides.
 */
#ifndef MLBENCH_RECIPROCAL_H
#define MLBENCH_RECIPROCAL_H

#include <stdint.h>

#include "mlbench_requantise.h"

/* 1 / (1 + a) in Q0.31 for a in [0, 1), a in Q0.31. */
static int32_t mlbench_one_over_one_plus(int32_t a) {
  const int32_t guess = 1515870810;  /* 48/17 in Q2.29 */
  const int32_t slope = -1010580540; /* -32/17 in Q2.29 */
  const int32_t half_denominator = (int32_t)(((uint32_t)a + 0x80000000u) >> 1);
  int32_t x = guess + mlbench_high_mul(half_denominator, slope);
  for (int32_t i = 0; i < 3; ++i) {
    const int32_t error = (1 << 29) - mlbench_high_mul(half_denominator, x);
    x += mlbench_high_mul(x, error) * 4;
  }
  /* From Q2.29 of twice the result to Q0.31 of the result. */
  return x > (1 << 30) - 1 ? INT32_MAX : x * 2;
}

#endif
