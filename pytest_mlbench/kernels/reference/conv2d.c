/* CONV_2D, int8.
 *
 * Arithmetic: accumulator = bias + sum over the window of (input + input_offset) * weight, in
 * int32, without taps outside the image; then requantised per channel with double rounding,
 * output_offset added, clamped. TensorFlow Lite 8-bit quantization specification, CONV_2D.
 */
#include <stddef.h>

#include "mlbench_kernels.h"
#include "mlbench_requantise.h"

/* The window's sum for one output channel. `y` and `x` are the window's first row and column,
 * which may be outside the image; `input` points to the first channel of the group. */
static int32_t window_sum(const struct mlbench_conv2d *params, const int8_t *input,
                          const int8_t *weights, int32_t y, int32_t x) {
  const int32_t offset = params->input_offset;
  const int32_t channels = params->filter_c;
  int32_t sum = 0;
  for (int32_t filter_y = 0; filter_y < params->filter.h; ++filter_y, y += params->dilation.h) {
    int32_t column = x;
    for (int32_t filter_x = 0; filter_x < params->filter.w; ++filter_x) {
      if (y >= 0 && y < params->input.h && column >= 0 && column < params->input.w) {
        const int8_t *pixel = input + (y * params->input.w + column) * params->input.c;
        for (int32_t c = 0; c < channels; ++c) {
          sum += (pixel[c] + offset) * weights[c];
        }
      }
      weights += channels;
      column += params->dilation.w;
    }
  }
  return sum;
}

void mlbench_reference_conv2d(const struct mlbench_conv2d *params, const int8_t *input,
                              int8_t *output) {
  const int32_t groups = params->input.c / params->filter_c;
  const int32_t group_outputs = params->output.c / groups;
  const int32_t filter_size = params->filter.h * params->filter.w * params->filter_c;
  for (int32_t n = 0; n < params->output.n; ++n) {
    for (int32_t y = 0; y < params->output.h; ++y) {
      for (int32_t x = 0; x < params->output.w; ++x) {
        const int8_t *weights = params->weights;
        int32_t channel = 0;
        for (int32_t group = 0; group < groups; ++group) {
          for (int32_t i = 0; i < group_outputs; ++i, ++channel) {
            int32_t value = window_sum(params, input + group * params->filter_c, weights,
                                       y * params->stride.h - params->padding.h,
                                       x * params->stride.w - params->padding.w);
            if (params->bias != NULL) {
              value += params->bias[channel];
            }
            value =
                mlbench_requantise(value, params->multipliers[channel], params->shifts[channel]);
            *output++ = (int8_t)mlbench_clamp(value + params->output_offset, params->activation_min,
                                              params->activation_max);
            weights += filter_size;
          }
        }
      }
    }
    input += params->input.h * params->input.w * params->input.c;
  }
}
