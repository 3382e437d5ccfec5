/* CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED, int16x8.
 *
 * Arithmetic: the sum of input * weight in 64 bits, plus the bias, times a multiplier of 15 bits,
 * shifted right by 15 - shift, to nearest with ties up; clamped. With a bias of 32 bits, CONV_2D
 * and FULLY_CONNECTED are summed in 32 bits and scaled with double rounding.
 */
#include <stddef.h>

#include "mlbench_int16.h"
#include "mlbench_requantise.h"
#include "mlbench_wide.h"

static int64_t bias_of(const void *bias, int32_t narrow, int32_t output) {
  if (bias == NULL) {
    return 0;
  }
  return narrow ? ((const int32_t *)bias)[output] : ((const int64_t *)bias)[output];
}

/* `narrow`: the sum is one of 32 bits, and is scaled as int8's is. */
static int16_t finish(int64_t sum, int32_t narrow, int32_t multiplier, int32_t shift, int32_t low,
                      int32_t high) {
  if (narrow) {
    const int32_t value = mlbench_requantise((int32_t)(uint32_t)sum, multiplier, shift);
    return (int16_t)mlbench_clamp(value, low, high);
  }
  return mlbench_finish_wide(sum, multiplier, shift, low, high);
}

/* The sum over the window of `run` channels from `channel` on; taps are `step` weights apart. */
static int64_t window_sum(const struct mlbench_convolution_int16 *params, const int16_t *image,
                          const int8_t *weights, int32_t row, int32_t column, int32_t channel,
                          int32_t run, int32_t step) {
  int64_t sum = 0;
  for (int32_t i = 0; i < params->filter.h; ++i) {
    const int32_t y = row + i * params->dilation.h;
    for (int32_t j = 0; j < params->filter.w; ++j, weights += step) {
      const int32_t x = column + j * params->dilation.w;
      if (y < 0 || y >= params->input.h || x < 0 || x >= params->input.w) {
        continue;
      }
      const int16_t *pixel = image + (y * params->input.w + x) * params->input.c + channel;
      for (int32_t c = 0; c < run; ++c) {
        sum += pixel[c] * weights[c];
      }
    }
  }
  return sum;
}

static void convolve(const struct mlbench_convolution_int16 *params, const int16_t *input,
                     int16_t *output) {
  const struct mlbench_image *out = &params->output;
  const int32_t depthwise = params->depth_multiplier;
  const int32_t taps = params->filter.h * params->filter.w;
  const int32_t each = depthwise ? 1 : out->c * params->filter_c / params->input.c;
  for (int32_t n = 0; n < out->n; ++n) {
    for (int32_t y = 0; y < out->h; ++y) {
      for (int32_t x = 0; x < out->w; ++x) {
        const int32_t row = y * params->stride.h - params->padding.h;
        const int32_t column = x * params->stride.w - params->padding.w;
        for (int32_t c = 0; c < out->c; ++c) {
          int64_t sum =
              depthwise ? window_sum(params, input, params->weights + c, row, column, c / depthwise,
                                     1, out->c)
                        : window_sum(params, input, params->weights + c * taps * params->filter_c,
                                     row, column, c / each * params->filter_c, params->filter_c,
                                     params->filter_c);
          sum += bias_of(params->bias, params->narrow, c);
          *output++ = finish(sum, params->narrow, params->multipliers[c], params->shifts[c],
                             params->activation_min, params->activation_max);
        }
      }
    }
    input += params->input.h * params->input.w * params->input.c;
  }
}

void mlbench_reference_conv2d_int16(const struct mlbench_convolution_int16 *params,
                                    const int16_t *input, int16_t *output) {
  convolve(params, input, output);
}

void mlbench_reference_depthwise_conv2d_int16(const struct mlbench_convolution_int16 *params,
                                              const int16_t *input, int16_t *output) {
  convolve(params, input, output);
}

void mlbench_reference_fully_connected_int16(const struct mlbench_fully_connected_int16 *params,
                                             const int16_t *input, int16_t *output) {
  for (int32_t batch = 0; batch < params->batches; ++batch) {
    const int8_t *weights = params->weights;
    for (int32_t i = 0; i < params->out_features; ++i) {
      const int32_t factor = params->per_channel ? i : 0;
      int64_t sum = bias_of(params->bias, params->narrow, i);
      for (int32_t j = 0; j < params->in_features; ++j) {
        sum += input[j] * (*weights++ + params->weights_offset);
      }
      *output++ = finish(sum, params->narrow, params->multipliers[factor], params->shifts[factor],
                         params->activation_min, params->activation_max);
    }
    input += params->in_features;
  }
}
