/* vector_softmax.S in C: see mlbench_tuned_portable.h. */
#include "mlbench_requantise.h"
#include "mlbench_tuned.h"

#if !defined(__riscv)

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

static int32_t exponential(const struct mlbench_tuned_softmax *p, int32_t difference) {
  if (difference < p->diff_min) {
    return 0;
  }
  return exp_of_negative(
      mlbench_high_mul((int32_t)((uint32_t)difference << p->shift), p->multiplier));
}

void mlbench_tuned_vector_softmax(const struct mlbench_tuned_softmax *p, const int8_t *input,
                                  int8_t *output) {
  for (int32_t row = 0; row < p->rows; ++row, input += p->depth, output += p->depth) {
    int32_t most = -128;
    for (int32_t i = 0; i < p->depth; ++i) {
      most = input[i] > most ? input[i] : most;
    }
    uint32_t sum = 0;
    for (int32_t i = 0; i < p->depth; ++i) {
      sum += (uint32_t)mlbench_divide_pot(exponential(p, input[i] - most), 12);
    }
    int32_t exponent = 35;
    for (; (sum & 0x80000000u) == 0; sum <<= 1) {
      --exponent;
    }
    const int32_t scale = exponent > 31 ? 0 : one_over_one_plus((int32_t)(sum - 0x80000000u));
    for (int32_t i = 0; i < p->depth; ++i) {
      const int32_t value = mlbench_high_mul(scale, exponential(p, input[i] - most));
      const int32_t shifted = mlbench_divide_pot(value, exponent > 31 ? 31 : exponent) - 128;
      output[i] = (int8_t)(shifted > 127 ? 127 : shifted);
    }
  }
}

#endif
