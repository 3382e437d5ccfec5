/* QUANTIZE, DEQUANTIZE, RELU, RELU6, LOGISTIC and TANH of int16.
 *
 * Arithmetic: between integers (input + input_offset) is scaled with double rounding, output_offset
 * added, clamped; a float is divided by the scale and rounded, ties away from zero; LOGISTIC and
 * TANH by a table and a line between its entries.
 */
#include "mlbench_int16.h"
#include "mlbench_requantise.h"
#include "mlbench_sigmoid16.h"

static int32_t rescaled(const struct mlbench_rescale *params, int32_t value) {
  value = mlbench_requantise(value + params->input_offset, params->multiplier, params->shift);
  return mlbench_clamp(value + params->output_offset, params->activation_min,
                       params->activation_max);
}

void mlbench_reference_rescale_int16(const struct mlbench_rescale *params, const int16_t *input,
                                     int16_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = (int16_t)rescaled(params, input[i]);
  }
}

void mlbench_reference_rescale_int16_to_int8(const struct mlbench_rescale *params,
                                             const int16_t *input, int8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = (int8_t)rescaled(params, input[i]);
  }
}

void mlbench_reference_rescale_int8_to_int16(const struct mlbench_rescale *params,
                                             const int8_t *input, int16_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = (int16_t)rescaled(params, input[i]);
  }
}

/* Beyond the range of int32 a difference wraps, as TensorFlow Lite Micro's does. */
static int32_t from_int32(const struct mlbench_rescale *params, int32_t value) {
  const uint32_t moved = (uint32_t)value + (uint32_t)params->input_offset;
  value = mlbench_requantise((int32_t)moved, params->multiplier, params->shift);
  value = (int32_t)((uint32_t)value + (uint32_t)params->output_offset);
  return mlbench_clamp(value, params->activation_min, params->activation_max);
}

void mlbench_reference_rescale_int32_to_int16(const struct mlbench_rescale *params,
                                              const int32_t *input, int16_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = (int16_t)from_int32(params, input[i]);
  }
}

void mlbench_reference_rescale_int32_to_int8(const struct mlbench_rescale *params,
                                             const int32_t *input, int8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = (int8_t)from_int32(params, input[i]);
  }
}

/* round(value), ties away from zero, saturated to int16. */
static int16_t rounded(float value) {
  if (value != value) {
    return 0;
  }
  value = value > 40000.0f ? 40000.0f : value;
  value = value < -40000.0f ? -40000.0f : value;
  const int32_t whole = (int32_t)value;
  const float rest = value - (float)whole;
  return (int16_t)mlbench_clamp(whole + (rest >= 0.5f) - (rest <= -0.5f), INT16_MIN, INT16_MAX);
}

void mlbench_reference_quantize_int16(const struct mlbench_affine_int16 *params, const float *input,
                                      int16_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = rounded(input[i] / params->scale);
  }
}

void mlbench_reference_dequantize_int16(const struct mlbench_affine_int16 *params,
                                        const int16_t *input, float *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = params->scale * (float)input[i];
  }
}

void mlbench_reference_logistic_int16(const struct mlbench_curve_int16 *params,
                                      const int16_t *input, int16_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] =
        (int16_t)mlbench_sigmoid16(params->table, input[i], params->multiplier, params->shift);
  }
}

void mlbench_reference_tanh_int16(const struct mlbench_curve_int16 *params, const int16_t *input,
                                  int16_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = (int16_t)mlbench_tanh16(params->table, input[i], params->multiplier, params->shift);
  }
}
