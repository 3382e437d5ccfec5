/* RELU, RELU6 and QUANTIZE between 8-bit integers.
 *
 * Arithmetic: (input + input_offset) scaled with double rounding, output_offset added, clamped.
 * Input and output may be the same buffer.
 */
#include "mlbench_kernels.h"
#include "mlbench_requantise.h"

static int32_t rescaled(const struct mlbench_rescale *params, int32_t value) {
  value = mlbench_requantise(value + params->input_offset, params->multiplier, params->shift);
  return mlbench_clamp(value + params->output_offset, params->activation_min,
                       params->activation_max);
}

void mlbench_reference_rescale(const struct mlbench_rescale *params, const int8_t *input,
                               int8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = (int8_t)rescaled(params, input[i]);
  }
}

void mlbench_reference_rescale_from_uint8(const struct mlbench_rescale *params,
                                          const uint8_t *input, int8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = (int8_t)rescaled(params, input[i]);
  }
}

void mlbench_reference_rescale_to_uint8(const struct mlbench_rescale *params, const int8_t *input,
                                        uint8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = (uint8_t)rescaled(params, input[i]);
  }
}
