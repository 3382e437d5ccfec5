/* REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN, int8: stored values are compared. */
#include "mlbench_reductions.h"

static int8_t extreme_of(const struct mlbench_extreme *params, const int8_t *input) {
  const struct mlbench_steps *reduced = params->reduced;
  int32_t best = INT32_MIN;
  for (int32_t i = 0; i < reduced[0].count; ++i) {
    for (int32_t j = 0; j < reduced[1].count; ++j) {
      const int8_t *row = input + i * reduced[0].step + j * reduced[1].step;
      for (int32_t k = 0; k < reduced[2].count; ++k, row += reduced[2].step) {
        const int32_t value = *row * params->sign;
        best = value > best ? value : best;
      }
    }
  }
  return (int8_t)(best * params->sign);
}

void mlbench_reference_extreme(const struct mlbench_extreme *params, const int8_t *input,
                               int8_t *output) {
  const struct mlbench_steps *kept = params->kept;
  for (int32_t i = 0; i < kept[0].count; ++i) {
    for (int32_t j = 0; j < kept[1].count; ++j) {
      for (int32_t k = 0; k < kept[2].count; ++k) {
        *output++ =
            extreme_of(params, input + i * kept[0].step + j * kept[1].step + k * kept[2].step);
      }
    }
  }
}

void mlbench_reference_arg_extreme(const struct mlbench_arg_extreme *params, const int8_t *input,
                                   int32_t *output) {
  for (int32_t outer = 0; outer < params->outer; ++outer) {
    for (int32_t inner = 0; inner < params->inner; ++inner) {
      int32_t best = INT32_MIN;
      for (int32_t i = 0; i < params->size; ++i) {
        const int32_t value = input[i * params->inner + inner] * params->sign;
        if (value > best) {
          best = value;
          *output = i;
        }
      }
      ++output;
    }
    input += params->size * params->inner;
  }
}
