/* SOFTMAX, int16 to int16, output scale 1/32768.
 *
 * Arithmetic: the difference to the row's largest value is scaled so that 65535 steps are 10.0, and
 * exp is read from a table of 512 intervals, in Q0.15. The sum's bits after the leading one give
 * 1 / (1 + x) by another such table; the product is shifted back, to nearest with ties up. Table
 * entries are interpolated linearly. The output holds the exponentials in between.
 */
#include "mlbench_requantise.h"
#include "mlbench_softmax.h"

/* `table` has 513 entries over the range of int16. */
static int32_t looked_up(const int16_t *table, int32_t value) {
  const int32_t place = 256 + (value >> 7);
  const int32_t slope = (int16_t)(table[place + 1] - table[place]);
  return (int16_t)(table[place] + ((slope * (value & 127) + 64) >> 7));
}

static void softmax_row(const struct mlbench_softmax_int16 *params, const int16_t *input,
                        int16_t *output) {
  int32_t most = INT16_MIN;
  for (int32_t i = 0; i < params->depth; ++i) {
    most = input[i] > most ? input[i] : most;
  }
  uint32_t sum = 0;
  for (int32_t i = 0; i < params->depth; ++i) {
    const int32_t scaled = mlbench_requantise(input[i] - most, params->multiplier, params->shift);
    output[i] = (int16_t)looked_up(params->exponential,
                                   mlbench_clamp(scaled + INT16_MAX, INT16_MIN, INT16_MAX));
    sum += (uint32_t)output[i];
  }
  int32_t right = 31; /* less the sum's leading zeros */
  uint32_t mantissa = sum;
  for (; mantissa != 0 && (mantissa & 0x80000000u) == 0; mantissa <<= 1) {
    --right;
  }
  const int32_t fraction = (int32_t)(((uint64_t)(mantissa >> 1) + (1 << 13)) >> 14);
  const int32_t reciprocal = looked_up(
      params->reciprocal, mlbench_clamp(fraction - ((1 << 15) + (1 << 16)), INT16_MIN, INT16_MAX));
  for (int32_t i = 0; i < params->depth; ++i) {
    const int64_t half = right > 0 ? (int64_t)1 << (right - 1) : 0;
    const int32_t value = (int32_t)(((int64_t)output[i] * reciprocal + half) >> right);
    output[i] = (int16_t)mlbench_clamp(value, 0, INT16_MAX);
  }
}

void mlbench_reference_softmax_int16(const struct mlbench_softmax_int16 *params,
                                     const int16_t *input, int16_t *output) {
  for (int32_t row = 0; row < params->rows; ++row) {
    softmax_row(params, input, output);
    input += params->depth;
    output += params->depth;
  }
}
