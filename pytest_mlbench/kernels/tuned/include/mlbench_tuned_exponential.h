/* What SOFTMAX is made of, in the fixed point of reference/softmax.c, which says the formats. */
#ifndef MLBENCH_TUNED_EXPONENTIAL_H
#define MLBENCH_TUNED_EXPONENTIAL_H

#include "mlbench_requantise.h"

/* exp(a) in Q0.31 for a <= 0, a in Q5.26. */
static int32_t exp_of_negative(int32_t a) {
  /* exp(-2^i) in Q0.31 for i = -2 ... 4. */
  static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308,
                                    39332535,   720401,     242};
  const int32_t exp_minus_eighth = 1895147668, third = 715827883, quarter = 1 << 24;
  const int32_t remainder = (a & (quarter - 1)) - quarter;
  const int32_t x = remainder * 32 + (1 << 28);
  const int32_t x2 = mlbench_high_mul(x, x);
  const int32_t x3 = mlbench_high_mul(x2, x);
  const int32_t x4_over_4 = mlbench_divide_pot(mlbench_high_mul(x2, x2), 2);
  const int32_t tail = mlbench_divide_pot(mlbench_high_mul(x4_over_4 + x3, third) + x2, 1);
  int32_t result = exp_minus_eighth + mlbench_high_mul(exp_minus_eighth, x + tail);
  const int32_t quarters = remainder - a;
  for (int32_t i = 0; i < 7; ++i) {
    if (quarters & (quarter << i)) {
      result = mlbench_high_mul(result, factors[i]);
    }
  }
  return a == 0 ? INT32_MAX : result;
}

/* 1 / (1 + a) in Q0.31 for a in [0, 1), a in Q0.31: three Newton-Raphson steps. */
static int32_t one_over_one_plus(int32_t a) {
  const int32_t guess = 1515870810;  /* 48/17 in Q2.29 */
  const int32_t slope = -1010580540; /* -32/17 in Q2.29 */
  const int32_t half_denominator = (int32_t)(((uint32_t)a + 0x80000000u) >> 1);
  int32_t x = guess + mlbench_high_mul(half_denominator, slope);
  for (int32_t i = 0; i < 3; ++i) {
    const int32_t error = (1 << 29) - mlbench_high_mul(half_denominator, x);
    x += mlbench_high_mul(x, error) * 4;
  }
  return x > (1 << 30) - 1 ? INT32_MAX : x * 2;
}

#endif
