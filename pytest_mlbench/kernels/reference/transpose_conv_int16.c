/* TRANSPOSE_CONV, int16x8.
 *
 * Arithmetic: for every output value the products of weights and those input pixels whose window
 * reaches it, in 64 bits, plus the bias; finished as weighted_int16.c does.
 */
#include <stddef.h>

#include "mlbench_int16.h"
#include "mlbench_wide.h"

/* The sum for one output channel at row and column (y, x) of the padded output. */
static int64_t sum_of(const struct mlbench_transpose_conv_int16 *params, const int16_t *input,
                      const int8_t *weights, int32_t y, int32_t x) {
  const struct mlbench_image *in = &params->input;
  int64_t sum = 0;
  for (int32_t i = 0; i < params->filter.h; ++i) {
    const int32_t row = y - i;
    if (row < 0 || row % params->stride.h || row / params->stride.h >= in->h) {
      continue;
    }
    for (int32_t j = 0; j < params->filter.w; ++j) {
      const int32_t column = x - j;
      if (column < 0 || column % params->stride.w || column / params->stride.w >= in->w) {
        continue;
      }
      const int32_t place = row / params->stride.h * in->w + column / params->stride.w;
      const int16_t *pixel = input + place * in->c;
      const int8_t *tap = weights + (i * params->filter.w + j) * in->c;
      for (int32_t c = 0; c < in->c; ++c) {
        sum += tap[c] * pixel[c];
      }
    }
  }
  return sum;
}

void mlbench_reference_transpose_conv_int16(const struct mlbench_transpose_conv_int16 *params,
                                            const int16_t *input, int16_t *output) {
  const struct mlbench_image *in = &params->input;
  const struct mlbench_image *out = &params->output;
  const int32_t taps = params->filter.h * params->filter.w * in->c;
  for (int32_t image = 0; image < out->n; ++image) {
    for (int32_t y = 0; y < out->h; ++y) {
      for (int32_t x = 0; x < out->w; ++x) {
        for (int32_t c = 0; c < out->c; ++c) {
          int64_t sum = sum_of(params, input, params->weights + c * taps, y + params->padding.h,
                               x + params->padding.w);
          sum += params->bias == NULL ? 0 : params->bias[c];
          *output++ = mlbench_finish_wide(sum, params->multipliers[c], params->shifts[c],
                                          params->activation_min, params->activation_max);
        }
      }
    }
    input += in->h * in->w * in->c;
  }
}
