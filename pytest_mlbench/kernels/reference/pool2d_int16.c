/* AVERAGE_POOL_2D and MAX_POOL_2D, int16: over the values inside the image; the mean to nearest,
 * ties away from zero; clamped. */
#include "mlbench_int16.h"
#include "mlbench_requantise.h"

static int32_t average(int32_t sum, int32_t count) {
  return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
}

static void pool(const struct mlbench_pool2d *params, const int16_t *input, int16_t *output,
                 int32_t mean) {
  const struct mlbench_image *in = &params->input;
  for (int32_t n = 0; n < params->output.n; ++n, input += in->h * in->w * in->c) {
    for (int32_t y = 0; y < params->output.h; ++y) {
      for (int32_t x = 0; x < params->output.w; ++x) {
        for (int32_t c = 0; c < in->c; ++c) {
          int32_t sum = 0;
          int32_t count = 0;
          int32_t most = INT16_MIN;
          for (int32_t i = 0; i < params->filter.h; ++i) {
            const int32_t row = y * params->stride.h - params->padding.h + i;
            for (int32_t j = 0; j < params->filter.w; ++j) {
              const int32_t column = x * params->stride.w - params->padding.w + j;
              if (row >= 0 && row < in->h && column >= 0 && column < in->w) {
                const int32_t value = input[(row * in->w + column) * in->c + c];
                sum += value;
                most = value > most ? value : most;
                ++count;
              }
            }
          }
          *output++ = (int16_t)mlbench_clamp(mean ? average(sum, count) : most,
                                             params->activation_min, params->activation_max);
        }
      }
    }
  }
}

void mlbench_reference_average_pool2d_int16(const struct mlbench_pool2d *params,
                                            const int16_t *input, int16_t *output) {
  pool(params, input, output, 1);
}

void mlbench_reference_max_pool2d_int16(const struct mlbench_pool2d *params, const int16_t *input,
                                        int16_t *output) {
  pool(params, input, output, 0);
}
