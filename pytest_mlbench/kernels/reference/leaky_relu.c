/* LEAKY_RELU, int8.
 *
 * Arithmetic: (input + input_offset) scaled with double rounding, by one factor if >= 0 and
 * by another if < 0; output_offset added, clamped. Input and output may be the same buffer.
 */
#include "mlbench_activation.h"
#include "mlbench_requantise.h"

void mlbench_reference_leaky_relu(const struct mlbench_leaky_relu *params, const int8_t *input,
                                  int8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    const int32_t value = input[i] + params->input_offset;
    const int32_t scaled =
        value < 0 ? mlbench_requantise(value, params->alpha_multiplier, params->alpha_shift)
                  : mlbench_requantise(value, params->multiplier, params->shift);
    output[i] = (int8_t)mlbench_clamp(scaled + params->output_offset, -128, 127);
  }
}
