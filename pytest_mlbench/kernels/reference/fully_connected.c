/* FULLY_CONNECTED, int8.
 *
 * Arithmetic: accumulator = bias + sum of (input + input_offset) * (weight + weights_offset), in
 * int32; then requantised, per channel or with one factor, with double rounding, output_offset
 * added, clamped. TensorFlow Lite 8-bit quantization specification, FULLY_CONNECTED.
 */
#include <stddef.h>

#include "mlbench_kernels.h"
#include "mlbench_requantise.h"

void mlbench_reference_fully_connected(const struct mlbench_fully_connected *params,
                                       const int8_t *input, const int8_t *weights, int8_t *output) {
  const int32_t features = params->input_features;
  const int32_t input_offset = params->input_offset;
  const int32_t weights_offset = params->weights_offset;
  for (int32_t batch = 0; batch < params->batches; ++batch) {
    const int8_t *row = weights;
    for (int32_t channel = 0; channel < params->output_features; ++channel) {
      int32_t value = params->bias != NULL ? params->bias[channel] : 0;
      for (int32_t i = 0; i < features; ++i) {
        value += (input[i] + input_offset) * (row[i] + weights_offset);
      }
      const int32_t factor = params->per_channel ? channel : 0;
      value = mlbench_requantise(value, params->multipliers[factor], params->shifts[factor]);
      *output++ = (int8_t)mlbench_clamp(value + params->output_offset, params->activation_min,
                                        params->activation_max);
      row += features;
    }
    input += features;
  }
}
