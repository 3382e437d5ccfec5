/* ADD_N and CUMSUM, int8 and float32.
 *
 * Arithmetic: each value (stored + input_offset) is shifted left by 20 and scaled with double
 * rounding; sums wrap modulo 2^32 and begin with the value of a stored 0, as TensorFlow Lite
 * Micro's do; a sum is scaled to the output, output_offset added, clamped. float32 is added in the
 * order of the inputs, or along the axis.
 */
#include "mlbench_requantise.h"
#include "mlbench_sums.h"

static uint32_t scaled(const struct mlbench_scaled_sum *params, int32_t stored) {
  const int32_t value = (stored + params->input_offset) * (1 << 20);
  return (uint32_t)mlbench_requantise(value, params->input_multiplier, params->input_shift);
}

static int8_t finished(const struct mlbench_scaled_sum *params, uint32_t sum) {
  const int32_t value =
      mlbench_requantise((int32_t)sum, params->output_multiplier, params->output_shift);
  return (int8_t)mlbench_clamp(value + params->output_offset, -128, 127);
}

void mlbench_reference_add_n(const struct mlbench_add_n *params, const void *const *inputs,
                             int8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    uint32_t sum = scaled(&params->sum, 0);
    for (int32_t j = 0; j < params->inputs; ++j) {
      sum += scaled(&params->sum, ((const int8_t *)inputs[j])[i]);
    }
    output[i] = finished(&params->sum, sum);
  }
}

void mlbench_reference_add_n_float32(const struct mlbench_add_n *params, const void *const *inputs,
                                     float *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    float sum = 0.0f;
    for (int32_t j = 0; j < params->inputs; ++j) {
      sum += ((const float *)inputs[j])[i];
    }
    output[i] = sum;
  }
}

/* The position of element `i` along the axis, counted from the end if reversed. */
static int32_t place_of(const struct mlbench_cumsum *params, int32_t i) {
  return (params->reverse ? params->depth - 1 - i : i) * params->inner;
}

void mlbench_reference_cumsum(const struct mlbench_cumsum *params, const int8_t *input,
                              int8_t *output) {
  for (int32_t row = 0; row < params->outer * params->inner; ++row) {
    const int32_t first = row / params->inner * params->depth * params->inner + row % params->inner;
    uint32_t sum = scaled(&params->sum, 0);
    for (int32_t i = 0; i < params->depth; ++i) {
      const int32_t place = first + place_of(params, i);
      const uint32_t before = sum;
      sum += scaled(&params->sum, input[place]);
      output[place] = finished(&params->sum, params->exclusive ? before : sum);
    }
  }
}

void mlbench_reference_cumsum_float32(const struct mlbench_cumsum *params, const float *input,
                                      float *output) {
  for (int32_t row = 0; row < params->outer * params->inner; ++row) {
    const int32_t first = row / params->inner * params->depth * params->inner + row % params->inner;
    float sum = 0.0f;
    for (int32_t i = 0; i < params->depth; ++i) {
      const int32_t place = first + place_of(params, i);
      const float before = sum;
      sum += input[place];
      output[place] = params->exclusive ? before : sum;
    }
  }
}
