/* 1 / sqrt(n) of an integer as a multiplier and a shift: five steps of Newton and Raphson in Q3.28
 * (x <- x (3 - n x x) / 2).
 */
#ifndef MLBENCH_INVERSE_SQRT_H
#define MLBENCH_INVERSE_SQRT_H

#include <stdint.h>

#include "mlbench_requantise.h"

/* value * 2^bits, saturated. */
static inline int32_t mlbench_saturated_shift(int32_t value, int32_t bits) {
  const int32_t most = INT32_MAX >> bits;
  if (value > most) {
    return INT32_MAX;
  }
  return value < -most - 1 ? INT32_MIN : (int32_t)((uint32_t)value << bits);
}

/* 1 / sqrt(value) is the result * 2^(shift - 31); value > 1. */
static inline int32_t mlbench_inverse_sqrt(int32_t value, int32_t *shift) {
  const int32_t half_sqrt_2 = 1518500250; /* in Q0.31 */
  const int32_t three_halves = (1 << 28) + (1 << 27);
  int32_t right = 11;
  while (value >= (1 << 29)) {
    value /= 4;
    ++right;
  }
  while (value < (1 << 27)) {
    value *= 4;
    --right;
  }
  const int32_t whole = value >> 1;
  const int32_t half = (whole >> 1) + (whole & 1);
  int32_t x = 1 << 28;
  for (int32_t i = 0; i < 5; ++i) {
    const int32_t square = mlbench_high_mul(x, x);
    const int32_t cube = mlbench_saturated_shift(mlbench_high_mul(square, x), 6);
    x = mlbench_saturated_shift(mlbench_high_mul(three_halves, x) - mlbench_high_mul(half, cube),
                                3);
  }
  x = mlbench_high_mul(x, half_sqrt_2);
  while (right < 0) {
    x *= 2;
    ++right;
  }
  *shift = -right;
  return x;
}

#endif
