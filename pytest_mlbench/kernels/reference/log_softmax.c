/* LOG_SOFTMAX, int8 to int8, output scale 1/16 and zero point 127.
 *
 * Arithmetic, fixed point as in softmax.c: the logarithm of the sum of exponentials (Q12.19) in
 * Q5.26, subtracted from each difference to the row's largest value, shifted to four fractional
 * bits. The logarithm of z = 2^n * r, r within a quarter octave of sqrt(sqrt(0.5)), is n * log(2)
 * plus a rational function of r.
 */
#include "mlbench_exponential.h"
#include "mlbench_reciprocal.h"
#include "mlbench_requantise.h"
#include "mlbench_softmax.h"

static int32_t leading_zeros(uint32_t value) {
  int32_t count = 0;
  for (; count < 32 && (value & 0x80000000u) == 0; value <<= 1) {
    ++count;
  }
  return count;
}

/* value * 2^exponent, saturated. */
static int32_t shifted(int32_t value, int32_t exponent) {
  const int64_t wide = exponent > 0 ? (int64_t)value * ((int64_t)1 << exponent) : value;
  return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

static int32_t wrapped(int32_t left, int32_t right) {
  return (int32_t)((uint32_t)left + (uint32_t)right);
}

/* The logarithm in Q5.26 of a value in Q12.19 that is at least 1. */
static int32_t logarithm(int32_t value) {
  const int32_t log_2 = 1488522236, sqrt_half = 1518500250, root = 1805811301;
  const int32_t alpha_n = 117049297, alpha_d = 127690142, alpha_i = 1057819769, alpha_f = 638450708;
  const int32_t quarter = 1 << 23; /* Q6.25 */
  const int32_t zeros = leading_zeros((uint32_t)value);
  const int32_t from_half = mlbench_high_mul(value, sqrt_half);
  const int32_t headroom = leading_zeros((uint32_t)from_half) - 1;
  const int32_t r_a = shifted(mlbench_high_mul(shifted(value, zeros - 1), sqrt_half), 1);
  const int32_t r_b = shifted(value, headroom);
  const int32_t r = r_a < r_b ? r_a : r_b;
  const int32_t power_a = (12 - zeros) * (1 << 25) + quarter;
  const int32_t power_b = (12 - headroom) * (1 << 25) - quarter;
  const int32_t power = power_a > power_b ? power_a : power_b;
  const int64_t sum = (int64_t)r + root;
  const int32_t p = (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
  const int32_t q = (r - root) * 2;
  const int32_t square = mlbench_high_mul(q, q);
  const int32_t numerator =
      mlbench_high_mul(q, r) + mlbench_high_mul(mlbench_high_mul(q, square), alpha_n);
  const int32_t denominator = mlbench_high_mul(p, alpha_i + q + mlbench_high_mul(alpha_d, square)) +
                              mlbench_high_mul(alpha_f, q);
  const int32_t quotient =
      mlbench_high_mul(mlbench_divide_pot(numerator, 6), mlbench_one_over_one_plus(denominator));
  return shifted(mlbench_high_mul(power, log_2) + quotient, 1);
}

static void log_softmax_row(const struct mlbench_log_softmax *params, const int8_t *input,
                            int8_t *output) {
  int32_t most = -128;
  for (int32_t i = 0; i < params->depth; ++i) {
    most = input[i] > most ? input[i] : most;
  }
  int32_t sum = 0;
  for (int32_t i = 0; i < params->depth; ++i) {
    const int32_t difference = input[i] - most;
    if (difference >= params->diff_min) {
      const int32_t scaled = mlbench_requantise(difference, params->multiplier, params->shift);
      sum = wrapped(sum, mlbench_divide_pot(mlbench_exp_of_negative(scaled), 12));
    }
  }
  const int32_t log_sum = logarithm(sum);
  const int32_t least = mlbench_requantise(wrapped(log_sum, INT32_MIN), params->reverse_multiplier,
                                           params->reverse_shift);
  for (int32_t i = 0; i < params->depth; ++i) {
    const int32_t difference = input[i] - most;
    int32_t value = -128;
    if (difference >= params->diff_min && difference > least) {
      value = mlbench_requantise(difference, params->multiplier, params->shift);
      value = mlbench_divide_pot(wrapped(value, -log_sum), 22) + 127;
    }
    output[i] = (int8_t)mlbench_clamp(value, -128, 127);
  }
}

void mlbench_reference_log_softmax(const struct mlbench_log_softmax *params, const int8_t *input,
                                   int8_t *output) {
  for (int32_t row = 0; row < params->rows; ++row) {
    log_softmax_row(params, input, output);
    input += params->depth;
    output += params->depth;
  }
}
