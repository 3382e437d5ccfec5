/* exp in fixed point, with the rounding of gemmlowp's documentation ("Qm.n" has m integer and n
 * fractional bits beside the sign). Not inline: what includes this calls it, and the compiler
 * decides.
 *
 * exp(d) in Q0.31: d = r - k/4 with r in [-1/4, 0); exp(r) is a Taylor polynomial around -1/8 and
 * each set bit of k multiplies by exp(-2^i), i from -2 to 4.
 */
#ifndef MLBENCH_EXPONENTIAL_H
#define MLBENCH_EXPONENTIAL_H

#include <stdint.h>

#include "mlbench_requantise.h"

/* exp(a) in Q0.31 for a in [-1/4, 0), a in Q0.31. */
static int32_t mlbench_exp_of_quarter(int32_t a) {
  const int32_t exp_minus_eighth = 1895147668; /* exp(-1/8) */
  const int32_t third = 715827883;
  const int32_t x = a + (1 << 28);
  const int32_t x2 = mlbench_high_mul(x, x);
  const int32_t x3 = mlbench_high_mul(x2, x);
  const int32_t x4_over_4 = mlbench_divide_pot(mlbench_high_mul(x2, x2), 2);
  const int32_t tail = mlbench_divide_pot(mlbench_high_mul(x4_over_4 + x3, third) + x2, 1);
  return exp_minus_eighth + mlbench_high_mul(exp_minus_eighth, x + tail);
}

/* exp(a) in Q0.31 for a <= 0, a in Q5.26. */
static int32_t mlbench_exp_of_negative(int32_t a) {
  /* exp(-2^i) in Q0.31 for i = -2 ... 4. */
  static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308,
                                    39332535,   720401,     242};
  const int32_t quarter = 1 << 24;
  const int32_t remainder = (a & (quarter - 1)) - quarter;
  const int32_t quarters = remainder - a;
  int32_t result = mlbench_exp_of_quarter(remainder * 32);
  for (int32_t i = 0; i < 7; ++i) {
    if (quarters & (quarter << i)) {
      result = mlbench_high_mul(result, factors[i]);
    }
  }
  return a == 0 ? INT32_MAX : result;
}

#endif
