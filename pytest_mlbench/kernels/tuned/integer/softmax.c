/* SOFTMAX with the 256 possible exponentials in ROM.
 *
 * The arithmetic is that of the reference kernel (kernels/reference/softmax.c says it), in which an
 * exponential depends on the difference to the row's largest value alone: table[-difference] is
 * exp in Q0.31, 0 below the least difference that counts. Instructions per value: 3 to find the
 * largest, about 14 for the sum, about 16 for the output, where the reference kernel's exponentials
 * take some 100.
 */
#include "mlbench_requantise.h"
#include "mlbench_tuned.h"

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

static void softmax_row(const int32_t *table, int32_t depth, const int8_t *input, int8_t *output) {
  int32_t most = -128;
  for (int32_t i = 0; i < depth; ++i) {
    most = input[i] > most ? input[i] : most;
  }
  int32_t sum = 0;
  for (int32_t i = 0; i < depth; ++i) {
    sum += mlbench_divide_pot(table[most - input[i]], 12);
  }
  uint32_t mantissa = (uint32_t)sum;
  int32_t over_unit = 12;
  while ((mantissa & 0x80000000u) == 0) {
    mantissa <<= 1;
    --over_unit;
  }
  const int32_t scale = one_over_one_plus((int32_t)(mantissa - 0x80000000u));
  const int32_t exponent = over_unit + 23;
  for (int32_t i = 0; i < depth; ++i) {
    int32_t value = 0;
    if (exponent <= 31) {
      value = mlbench_divide_pot(mlbench_high_mul(scale, table[most - input[i]]), exponent);
    }
    output[i] = (int8_t)mlbench_clamp(value - 128, -128, 127);
  }
}

void mlbench_tuned_softmax(const struct mlbench_tuned_softmax *params, const int8_t *input,
                           int8_t *output) {
  for (int32_t row = 0; row < params->rows; ++row) {
    softmax_row(params->table, params->depth, input, output);
    input += params->depth;
    output += params->depth;
  }
}
