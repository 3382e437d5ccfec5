/* AVERAGE_POOL_2D and MAX_POOL_2D, float32: over the values inside the image, added in the order of
 * rows and columns; clamped. */
#include <float.h>

#include "mlbench_float32.h"

static float window(const struct mlbench_pool2d_float32 *params, const float *input, int32_t top,
                    int32_t left, int32_t mean) {
  const struct mlbench_image *in = &params->input;
  float sum = 0.0f;
  float count = 0.0f;
  float most = -FLT_MAX;
  for (int32_t row = top; row < top + params->filter.h; ++row) {
    for (int32_t column = left; column < left + params->filter.w; ++column) {
      if (row >= 0 && row < in->h && column >= 0 && column < in->w) {
        const float value = input[(row * in->w + column) * in->c];
        sum += value;
        most = most < value ? value : most;
        count += 1.0f;
      }
    }
  }
  return mean ? sum / count : most;
}

static void pool(const struct mlbench_pool2d_float32 *params, const float *input, float *output,
                 int32_t mean) {
  const struct mlbench_image *in = &params->input;
  for (int32_t n = 0; n < params->output.n; ++n, input += in->h * in->w * in->c) {
    for (int32_t y = 0; y < params->output.h; ++y) {
      for (int32_t x = 0; x < params->output.w; ++x) {
        for (int32_t c = 0; c < in->c; ++c) {
          const float value = window(params, input + c, y * params->stride.h - params->padding.h,
                                     x * params->stride.w - params->padding.w, mean);
          const float above = value < params->activation_min ? params->activation_min : value;
          *output++ = params->activation_max < above ? params->activation_max : above;
        }
      }
    }
  }
}

void mlbench_reference_average_pool2d_float32(const struct mlbench_pool2d_float32 *params,
                                              const float *input, float *output) {
  pool(params, input, output, 1);
}

void mlbench_reference_max_pool2d_float32(const struct mlbench_pool2d_float32 *params,
                                          const float *input, float *output) {
  pool(params, input, output, 0);
}
