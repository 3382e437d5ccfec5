/* QUANTIZE from and DEQUANTIZE to float32, at the model's inputs and outputs.
 *
 * Arithmetic: stored = clamp(round(real / scale) + zero_point), the division in float32, ties
 * away from zero; real = scale * (stored - zero_point), one rounding. A result beyond int32
 * after the division, and NaN, are undefined in TensorFlow Lite; here results saturate, and
 * NaN gives the zero point.
 */
#include "mlbench_kernels.h"
#include "mlbench_requantise.h"

/* round(value), ties away from zero, saturated at +-512, which is beyond every stored value. */
static int32_t rounded(float value) {
  if (value != value) {
    return 0;
  }
  value = value > 512.0f ? 512.0f : value;
  value = value < -512.0f ? -512.0f : value;
  const int32_t whole = (int32_t)value;
  const float rest = value - (float)whole;
  return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

void mlbench_reference_quantize(const struct mlbench_affine *params, const float *input,
                                int8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] =
        (int8_t)mlbench_clamp(rounded(input[i] / params->scale) + params->zero_point, -128, 127);
  }
}

void mlbench_reference_dequantize(const struct mlbench_affine *params, const int8_t *input,
                                  float *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = params->scale * (float)(input[i] - params->zero_point);
  }
}

void mlbench_reference_dequantize_uint8(const struct mlbench_affine *params, const uint8_t *input,
                                        float *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = params->scale * (float)(input[i] - params->zero_point);
  }
}
