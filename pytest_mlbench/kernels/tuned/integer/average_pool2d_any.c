/* AVERAGE_POOL_2D, int8, any number of channels and any window; average_pool2d.c serves whole words
 * of channels. The average is the sum of the stored values divided by their number, halves away
 * from zero; the window is cut at the image's edges. Load, addition, pointer and loop: 4
 * instructions per value.
 */
#include "mlbench_tuned.h"

void mlbench_tuned_average_pool2d_any(const struct mlbench_tuned_pool2d *params,
                                      const int8_t *input, int8_t *output) {
  const int32_t c = params->channels;
  const int32_t row = params->input_w * c;
  for (int32_t n = 0; n < params->batches; ++n) {
    for (int32_t oy = 0; oy < params->output_h; ++oy) {
      MLBENCH_TUNED_WINDOW(top, bottom, oy * params->stride_h - params->padding_h, params->filter_h,
                           params->input_h);
      for (int32_t ox = 0; ox < params->output_w; ++ox) {
        MLBENCH_TUNED_WINDOW(left, right, ox * params->stride_w - params->padding_w,
                             params->filter_w, params->input_w);
        const int8_t *window = input + top * row + left * c;
        const int32_t count = (bottom - top) * (right - left);
        for (int32_t at = 0; at < c; ++at, ++window) {
          int32_t sum = 0;
          const int8_t *line = window;
          for (int32_t y = bottom - top; y > 0; --y, line += row) {
            const int8_t *from = line;
            for (int32_t x = right - left; x > 0; --x, from += c) {
              sum += *from;
            }
          }
          int32_t value = (sum + (sum > 0 ? count / 2 : -(count / 2))) / count;
          value = value < params->low ? params->low : value;
          *output++ = (int8_t)(value > params->high ? params->high : value);
        }
      }
    }
    input += params->input_h * row;
  }
}
