/* L2_NORMALIZATION, int8, over the innermost dimension; output scale 1/128, zero point 0.
 *
 * Arithmetic: 1 / sqrt(sum of squares) as a multiplier and a shift by five steps of Newton and
 * Raphson in Q3.28 (x <- x (3 - n x x) / 2); the value scaled by 128 times it with double rounding.
 * Input and output may be the same buffer.
 */
#include "mlbench_activation.h"
#include "mlbench_requantise.h"

/* value * 2^bits, saturated. */
static int32_t saturated_shift(int32_t value, int32_t bits) {
  const int32_t most = INT32_MAX >> bits;
  if (value > most) {
    return INT32_MAX;
  }
  return value < -most - 1 ? INT32_MIN : (int32_t)((uint32_t)value << bits);
}

/* 1 / sqrt(value) is the result * 2^(shift - 31); value > 1. */
static int32_t inverse_sqrt(int32_t value, int32_t *shift) {
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
    const int32_t cube = saturated_shift(mlbench_high_mul(square, x), 6);
    x = saturated_shift(mlbench_high_mul(three_halves, x) - mlbench_high_mul(half, cube), 3);
  }
  x = mlbench_high_mul(x, half_sqrt_2);
  while (right < 0) {
    x *= 2;
    ++right;
  }
  *shift = -right;
  return x;
}

void mlbench_reference_l2_normalization(const struct mlbench_l2_normalization *params,
                                        const int8_t *input, int8_t *output) {
  for (int32_t row = 0; row < params->rows; ++row) {
    int32_t sum = 0;
    for (int32_t i = 0; i < params->depth; ++i) {
      const int32_t value = input[i] + params->input_offset;
      sum += value * value;
    }
    int32_t shift = 0;
    const int32_t multiplier = sum <= 1 ? INT32_MAX : inverse_sqrt(sum, &shift);
    for (int32_t i = 0; i < params->depth; ++i) {
      const int32_t value = input[i] + params->input_offset;
      output[i] =
          (int8_t)mlbench_clamp(mlbench_requantise(value, multiplier, shift + 7), -128, 127);
    }
    input += params->depth;
    output += params->depth;
  }
}
