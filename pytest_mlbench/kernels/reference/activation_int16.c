/* LEAKY_RELU, ABS and RSQRT, int16.
 *
 * Arithmetic: LEAKY_RELU as leaky_relu.c. ABS: |input + input_offset|, scaled with double rounding
 * unless the multiplier is 0. RSQRT: the value's inverse square root as a multiplier and a shift,
 * to 20 fractional bits, then scaled to the output; the largest value for 0, undefined below. Then
 * output_offset is added and the value clamped.
 */
#include "mlbench_int16.h"
#include "mlbench_inverse_sqrt.h"
#include "mlbench_requantise.h"

static int16_t finished(int32_t value, int32_t offset) {
  return (int16_t)mlbench_clamp(value + offset, INT16_MIN, INT16_MAX);
}

void mlbench_reference_leaky_relu_int16(const struct mlbench_leaky_relu *params,
                                        const int16_t *input, int16_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    const int32_t value = input[i] + params->input_offset;
    const int32_t scaled =
        value < 0 ? mlbench_requantise(value, params->alpha_multiplier, params->alpha_shift)
                  : mlbench_requantise(value, params->multiplier, params->shift);
    output[i] = finished(scaled, params->output_offset);
  }
}

void mlbench_reference_abs_int16(const struct mlbench_unary_int16 *params, const int16_t *input,
                                 int16_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    int32_t value = input[i] + params->input_offset;
    value = value < 0 ? -value : value;
    if (params->multiplier != 0) {
      value = mlbench_requantise(value, params->multiplier, params->shift);
    }
    output[i] = finished(value, params->output_offset);
  }
}

void mlbench_reference_rsqrt_int16(const struct mlbench_unary_int16 *params, const int16_t *input,
                                   int16_t *output) {
  const int32_t bits = 20;
  for (int32_t i = 0; i < params->count; ++i) {
    const int32_t value = input[i] + params->input_offset;
    if (value <= 0) {
      output[i] = INT16_MAX;
      continue;
    }
    int32_t shift = 0;
    int32_t multiplier = value > 1 ? mlbench_inverse_sqrt(value, &shift) : INT32_MAX;
    multiplier = mlbench_requantise(1, multiplier, shift + bits);
    output[i] = finished(mlbench_requantise(multiplier, params->multiplier, params->shift - bits),
                         params->output_offset);
  }
}
