/* What SOFTMAX is made of, in the fixed point of reference/softmax.c, which says the formats. */
#ifndef MLBENCH_TUNED_EXPONENTIAL_H
#define MLBENCH_TUNED_EXPONENTIAL_H

#include "mlbench_reciprocal.h"
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

#endif
