/* RESIZE_BILINEAR, int8: four neighbours weighted by their distance in units of 1/1024; the sum has
 * 20 fractional bits and is rounded to nearest, ties away from zero. */
#include "mlbench_images.h"

void mlbench_reference_resize_bilinear(const struct mlbench_resize_bilinear *params,
                                       const int8_t *input, int8_t *output) {
  const struct mlbench_image *in = &params->input;
  const struct mlbench_image *out = &params->output;
  const int32_t one = 1 << 10;
  const int32_t half = 1 << 19;
  for (int32_t image = 0; image < in->n; ++image) {
    for (int32_t y = 0; y < out->h; ++y) {
      const int32_t *row = params->rows + 3 * y;
      for (int32_t x = 0; x < out->w; ++x) {
        const int32_t *column = params->columns + 3 * x;
        const int8_t *low = input + row[0] * in->w * in->c;
        const int8_t *high = input + row[1] * in->w * in->c;
        const int32_t left = column[0] * in->c;
        const int32_t right = column[1] * in->c;
        for (int32_t c = 0; c < in->c; ++c) {
          const int32_t above = low[left + c] * (one - column[2]) + low[right + c] * column[2];
          const int32_t below = high[left + c] * (one - column[2]) + high[right + c] * column[2];
          const int32_t sum = above * (one - row[2]) + below * row[2];
          *output++ = (int8_t)((sum + (sum > 0 ? half : -half)) / (one * one));
        }
      }
    }
    input += in->h * in->w * in->c;
  }
}
