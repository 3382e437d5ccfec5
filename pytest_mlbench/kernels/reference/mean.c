/* MEAN, int8.
 *
 * Arithmetic: the sum of (input + input_offset) over the reduced dimensions, in int32, scaled with
 * double rounding by a multiplier that holds input scale / output scale / count; output_offset
 * added, clamped. The generator truncates the division by the count as TensorFlow Lite
 * does (see the aot backend's arithmetic.py).
 */
#include "mlbench_kernels.h"
#include "mlbench_requantise.h"

static int32_t sum_of(const struct mlbench_mean *params, const int8_t *input) {
  const struct mlbench_steps *reduced = params->reduced;
  int32_t sum = 0;
  for (int32_t i = 0; i < reduced[0].count; ++i) {
    const int8_t *plane = input + i * reduced[0].step;
    for (int32_t j = 0; j < reduced[1].count; ++j, plane += reduced[1].step) {
      const int8_t *row = plane;
      for (int32_t k = 0; k < reduced[2].count; ++k, row += reduced[2].step) {
        sum += *row + params->input_offset;
      }
    }
  }
  return sum;
}

void mlbench_reference_mean(const struct mlbench_mean *params, const int8_t *input,
                            int8_t *output) {
  const struct mlbench_steps *kept = params->kept;
  for (int32_t i = 0; i < kept[0].count; ++i) {
    const int8_t *plane = input + i * kept[0].step;
    for (int32_t j = 0; j < kept[1].count; ++j, plane += kept[1].step) {
      const int8_t *row = plane;
      for (int32_t k = 0; k < kept[2].count; ++k, row += kept[2].step) {
        const int32_t value =
            mlbench_requantise(sum_of(params, row), params->multiplier, params->shift);
        *output++ = (int8_t)mlbench_clamp(value + params->output_offset, -128, 127);
      }
    }
  }
}
