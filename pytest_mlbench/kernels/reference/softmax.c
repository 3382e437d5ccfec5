/* SOFTMAX, int8 to int8, output scale 1/256 and zero point -128.
 *
 * Arithmetic, all of it fixed point with the rounding of gemmlowp's documentation ("Qm.n" has m
 * integer and n fractional bits beside the sign):
 *  - d = (input - largest input of the row), scaled by beta and the input's scale to Q5.26;
 *    values below diff_min count as exp = 0.
 *  - exp(d) in Q0.31: d = r - k/4 with r in [-1/4, 0); exp(r) is a Taylor polynomial around -1/8
 *    and each set bit of k multiplies by exp(-2^i), i from -2 to 4.
 *  - the sum in Q12.19; its reciprocal by three Newton-Raphson steps, first guess 48/17 - 32/17 x.
 *  - output = reciprocal * exp(d), shifted to 8 fractional bits, minus 128, clamped.
 * Input and output may be the same buffer.
 */
#include "mlbench_kernels.h"
#include "mlbench_requantise.h"

#define Q0_ONE INT32_MAX

/* exp(a) in Q0.31 for a in [-1/4, 0), a in Q0.31. */
static int32_t exp_of_quarter(int32_t a) {
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
static int32_t exp_of_negative(int32_t a) {
  /* exp(-2^i) in Q0.31 for i = -2 ... 4. */
  static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308,
                                    39332535,   720401,     242};
  const int32_t quarter = 1 << 24;
  const int32_t remainder = (a & (quarter - 1)) - quarter;
  const int32_t quarters = remainder - a;
  int32_t result = exp_of_quarter(remainder * 32);
  for (int32_t i = 0; i < 7; ++i) {
    if (quarters & (quarter << i)) {
      result = mlbench_high_mul(result, factors[i]);
    }
  }
  return a == 0 ? Q0_ONE : result;
}

/* 1 / (1 + a) in Q0.31 for a in [0, 1), a in Q0.31. */
static int32_t one_over_one_plus(int32_t a) {
  const int32_t guess = 1515870810;  /* 48/17 in Q2.29 */
  const int32_t slope = -1010580540; /* -32/17 in Q2.29 */
  const int32_t half_denominator = (int32_t)(((uint32_t)a + 0x80000000u) >> 1);
  int32_t x = guess + mlbench_high_mul(half_denominator, slope);
  for (int32_t i = 0; i < 3; ++i) {
    const int32_t error = (1 << 29) - mlbench_high_mul(half_denominator, x);
    x += mlbench_high_mul(x, error) * 4;
  }
  /* From Q2.29 of twice the result to Q0.31 of the result. */
  return x > (1 << 30) - 1 ? Q0_ONE : x * 2;
}

static int32_t exp_of_difference(const struct mlbench_softmax *params, int32_t difference) {
  return exp_of_negative(
      mlbench_high_mul((int32_t)((uint32_t)difference << params->shift), params->multiplier));
}

static void softmax_row(const struct mlbench_softmax *params, const int8_t *input, int8_t *output) {
  int32_t most = -128;
  for (int32_t i = 0; i < params->depth; ++i) {
    most = input[i] > most ? input[i] : most;
  }
  int32_t sum = 0;
  for (int32_t i = 0; i < params->depth; ++i) {
    const int32_t difference = input[i] - most;
    if (difference >= params->diff_min) {
      sum += mlbench_divide_pot(exp_of_difference(params, difference), 12);
    }
  }
  /* sum = 2^over_unit * (1 + fraction); its leading one is moved to bit 31. */
  uint32_t mantissa = (uint32_t)sum;
  int32_t over_unit = 12;
  while ((mantissa & 0x80000000u) == 0) {
    mantissa <<= 1;
    --over_unit;
  }
  const int32_t scale = one_over_one_plus((int32_t)(mantissa - 0x80000000u));
  const int32_t exponent = over_unit + 23;
  for (int32_t i = 0; i < params->depth; ++i) {
    const int32_t difference = input[i] - most;
    int32_t value = 0;
    if (difference >= params->diff_min && exponent <= 31) {
      value = mlbench_divide_pot(mlbench_high_mul(scale, exp_of_difference(params, difference)),
                                 exponent);
    }
    output[i] = (int8_t)mlbench_clamp(value - 128, -128, 127);
  }
}

void mlbench_reference_softmax(const struct mlbench_softmax *params, const int8_t *input,
                               int8_t *output) {
  for (int32_t row = 0; row < params->rows; ++row) {
    softmax_row(params, input, output);
    input += params->depth;
    output += params->depth;
  }
}
