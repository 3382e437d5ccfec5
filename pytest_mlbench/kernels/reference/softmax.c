/* SOFTMAX, int8 to int8, output scale 1/256 and zero point -128.
 *
 * Arithmetic, all of it fixed point with the rounding of gemmlowp's documentation ("Qm.n" has m
 * integer and n fractional bits beside the sign):
 *  - d = (input - largest input of the row), scaled by beta and the input's scale to Q5.26;
 *    values below diff_min count as exp = 0.
 *  - exp(d) in Q0.31 (mlbench_exponential.h).
 *  - the sum in Q12.19, its reciprocal in Q0.31.
 *  - output = reciprocal * exp(d), shifted to 8 fractional bits, minus 128, clamped.
 * Input and output may be the same buffer.
 */
#include "mlbench_exponential.h"
#include "mlbench_kernels.h"
#include "mlbench_reciprocal.h"
#include "mlbench_requantise.h"

static int32_t exp_of_difference(const struct mlbench_softmax *params, int32_t difference) {
  return mlbench_exp_of_negative(
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
  const int32_t scale = mlbench_one_over_one_plus((int32_t)(mantissa - 0x80000000u));
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
