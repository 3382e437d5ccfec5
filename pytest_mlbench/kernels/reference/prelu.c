/* PRELU of int8, and of int16 with alpha of int8.
 *
 * Arithmetic: values (input + input_offset) >= 0 are scaled with double rounding; values < 0
 * are multiplied by alpha + alpha_offset and scaled by another factor; output_offset
 * added, clamped. Input and output may be the same buffer.
 */
#include <stddef.h>

#include "mlbench_activation.h"
#include "mlbench_requantise.h"

/* The output before it is clamped. */
static int32_t prelu(const struct mlbench_prelu *params, int32_t input, int32_t alpha) {
  const int32_t value = input + params->input_offset;
  const int32_t scaled = value < 0
                             ? mlbench_requantise(value * (alpha + params->alpha_offset),
                                                  params->alpha_multiplier, params->alpha_shift)
                             : mlbench_requantise(value, params->multiplier, params->shift);
  return scaled + params->output_offset;
}

/* Where input and alpha are read next. */
struct place {
  int32_t input, alpha;
  int32_t index[MLBENCH_MAX_DIMS];
};

static void advance(struct place *place, const struct mlbench_broadcast *broadcast) {
  if (broadcast == NULL) {
    ++place->input;
    ++place->alpha;
    return;
  }
  for (int32_t dim = MLBENCH_MAX_DIMS - 1; dim >= 0; --dim) {
    place->input += broadcast->left_step[dim];
    place->alpha += broadcast->right_step[dim];
    if (++place->index[dim] < broadcast->size[dim]) {
      break;
    }
    place->input -= broadcast->left_step[dim] * broadcast->size[dim];
    place->alpha -= broadcast->right_step[dim] * broadcast->size[dim];
    place->index[dim] = 0;
  }
}

void mlbench_reference_prelu(const struct mlbench_prelu *params, const int8_t *input,
                             const int8_t *alpha, int8_t *output) {
  struct place place = {0};
  for (int32_t i = 0; i < params->count; ++i) {
    const int32_t value = prelu(params, input[place.input], alpha[place.alpha]);
    output[i] = (int8_t)mlbench_clamp(value, INT8_MIN, INT8_MAX);
    advance(&place, params->broadcast);
  }
}

void mlbench_reference_prelu_int16(const struct mlbench_prelu *params, const int16_t *input,
                                   const int8_t *alpha, int16_t *output) {
  struct place place = {0};
  for (int32_t i = 0; i < params->count; ++i) {
    const int32_t value = prelu(params, input[place.input], alpha[place.alpha]);
    output[i] = (int16_t)mlbench_clamp(value, INT16_MIN, INT16_MAX);
    advance(&place, params->broadcast);
  }
}
