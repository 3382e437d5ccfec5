/* MEAN and SUM, int16: mean.c's arithmetic, walk and parameters. */
#include "mlbench_int16.h"
#include "mlbench_requantise.h"

static int32_t sum_of(const struct mlbench_mean *params, const int16_t *input) {
  const struct mlbench_steps *reduced = params->reduced;
  uint32_t sum = 0; /* wraps, as TensorFlow Lite Micro's does */
  for (int32_t i = 0; i < reduced[0].count; ++i) {
    const int16_t *plane = input + i * reduced[0].step;
    for (int32_t j = 0; j < reduced[1].count; ++j, plane += reduced[1].step) {
      const int16_t *row = plane;
      for (int32_t k = 0; k < reduced[2].count; ++k, row += reduced[2].step) {
        sum += (uint32_t)(*row + params->input_offset);
      }
    }
  }
  return (int32_t)sum;
}

void mlbench_reference_mean_int16(const struct mlbench_mean *params, const int16_t *input,
                                  int16_t *output) {
  const struct mlbench_steps *kept = params->kept;
  for (int32_t i = 0; i < kept[0].count; ++i) {
    const int16_t *plane = input + i * kept[0].step;
    for (int32_t j = 0; j < kept[1].count; ++j, plane += kept[1].step) {
      const int16_t *row = plane;
      for (int32_t k = 0; k < kept[2].count; ++k, row += kept[2].step) {
        const int32_t value =
            mlbench_requantise(sum_of(params, row), params->multiplier, params->shift);
        *output++ = (int16_t)mlbench_clamp(value + params->output_offset, INT16_MIN, INT16_MAX);
      }
    }
  }
}
