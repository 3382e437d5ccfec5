/* vector_softmax.S and vector_softmax_two.S in C: see mlbench_tuned_portable.h. */
#include "mlbench_requantise.h"
#include "mlbench_tuned.h"
#include "mlbench_tuned_exponential.h"

#if !defined(__riscv)

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
    const int32_t scale =
        exponent > 31 ? 0 : mlbench_one_over_one_plus((int32_t)(sum - 0x80000000u));
    for (int32_t i = 0; i < p->depth; ++i) {
      const int32_t value = mlbench_high_mul(scale, exponential(p, input[i] - most));
      const int32_t shifted = mlbench_divide_pot(value, exponent > 31 ? 31 : exponent) - 128;
      output[i] = (int8_t)(shifted > 127 ? 127 : shifted);
    }
  }
}

void mlbench_tuned_vector_softmax_two(const struct mlbench_tuned_softmax_two *params,
                                      const int8_t *input, int8_t *output) {
  for (int32_t row = 0; row < params->rows; ++row) {
    const int32_t difference = input[2 * row] - input[2 * row + 1];
    output[2 * row] = params->table[255 + difference];
    output[2 * row + 1] = params->table[255 - difference];
  }
}

#endif
