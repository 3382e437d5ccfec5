/* PRELU, int8.
 *
 * Arithmetic: values (input + input_offset) >= 0 are scaled with double rounding; values < 0
 * are multiplied by alpha + alpha_offset and scaled by another factor; output_offset
 * added, clamped. Input and output may be the same buffer.
 */
#include <stddef.h>

#include "mlbench_activation.h"
#include "mlbench_requantise.h"

static int8_t prelu(const struct mlbench_prelu *params, int32_t input, int32_t alpha) {
  const int32_t value = input + params->input_offset;
  const int32_t scaled = value < 0
                             ? mlbench_requantise(value * (alpha + params->alpha_offset),
                                                  params->alpha_multiplier, params->alpha_shift)
                             : mlbench_requantise(value, params->multiplier, params->shift);
  return (int8_t)mlbench_clamp(scaled + params->output_offset, -128, 127);
}

void mlbench_reference_prelu(const struct mlbench_prelu *params, const int8_t *input,
                             const int8_t *alpha, int8_t *output) {
  const struct mlbench_broadcast *broadcast = params->broadcast;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = prelu(params, *input, *alpha);
    if (broadcast == NULL) {
      ++input;
      ++alpha;
      continue;
    }
    for (int32_t dim = MLBENCH_MAX_DIMS - 1; dim >= 0; --dim) {
      input += broadcast->left_step[dim];
      alpha += broadcast->right_step[dim];
      if (++index[dim] < broadcast->size[dim]) {
        break;
      }
      input -= broadcast->left_step[dim] * broadcast->size[dim];
      alpha -= broadcast->right_step[dim] * broadcast->size[dim];
      index[dim] = 0;
    }
  }
}
