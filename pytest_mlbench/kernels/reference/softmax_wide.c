/* SOFTMAX of rows of any length, int8 to int8, and int8 to int16.
 *
 * Arithmetic: that of softmax.c. The sum wraps modulo 2^32, as TensorFlow Lite Micro's does on a
 * row of more than 4,095 values that are nearly the largest.
 */
#include "mlbench_exponential.h"
#include "mlbench_reciprocal.h"
#include "mlbench_softmax.h"

static int32_t exp_of_difference(const struct mlbench_softmax *params, int32_t difference) {
  return mlbench_exp_of_negative(
      mlbench_high_mul((int32_t)((uint32_t)difference << params->shift), params->multiplier));
}

/* For all values of a row: the largest value, the reciprocal of the sum, the shift to `bits`. */
struct row {
  int32_t most, scale, exponent;
};

static struct row row_of(const struct mlbench_softmax *params, const int8_t *input, int32_t bits) {
  struct row row = {.most = -128};
  for (int32_t i = 0; i < params->depth; ++i) {
    row.most = input[i] > row.most ? input[i] : row.most;
  }
  uint32_t sum = 0;
  for (int32_t i = 0; i < params->depth; ++i) {
    const int32_t difference = input[i] - row.most;
    if (difference >= params->diff_min) {
      sum += (uint32_t)mlbench_divide_pot(exp_of_difference(params, difference), 12);
    }
  }
  row.exponent = 12 + 31 - bits;
  for (; sum != 0 && (sum & 0x80000000u) == 0; sum <<= 1) {
    --row.exponent;
  }
  row.scale = mlbench_one_over_one_plus((int32_t)(sum & 0x7FFFFFFFu));
  return row;
}

static int32_t value_of(const struct mlbench_softmax *params, const struct row *row,
                        int32_t input) {
  const int32_t difference = input - row->most;
  if (difference < params->diff_min || row->exponent > 31) {
    return 0;
  }
  return mlbench_divide_pot(mlbench_high_mul(row->scale, exp_of_difference(params, difference)),
                            row->exponent);
}

void mlbench_reference_softmax_deep(const struct mlbench_softmax *params, const int8_t *input,
                                    int8_t *output) {
  for (int32_t i = 0; i < params->rows; ++i, input += params->depth, output += params->depth) {
    const struct row row = row_of(params, input, 8);
    for (int32_t j = 0; j < params->depth; ++j) {
      output[j] = (int8_t)mlbench_clamp(value_of(params, &row, input[j]) - 128, -128, 127);
    }
  }
}

void mlbench_reference_softmax_int8_to_int16(const struct mlbench_softmax *params,
                                             const int8_t *input, int16_t *output) {
  for (int32_t i = 0; i < params->rows; ++i, input += params->depth, output += params->depth) {
    const struct row row = row_of(params, input, 16);
    for (int32_t j = 0; j < params->depth; ++j) {
      const int32_t value = value_of(params, &row, input[j]) + INT16_MIN;
      output[j] = (int16_t)mlbench_clamp(value, INT16_MIN, INT16_MAX);
    }
  }
}
