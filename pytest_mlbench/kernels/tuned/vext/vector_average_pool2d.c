/* AVERAGE_POOL_2D for V: the windows; vector_elementwise.S averages one. */
#include "mlbench_tuned.h"

void mlbench_tuned_vector_average_pool2d(const struct mlbench_tuned_pool2d *params,
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
        mlbench_tuned_vector_average(input + top * row + left * c, output, c, bottom - top,
                                     right - left, row, params->low, params->high);
        output += c;
      }
    }
    input += params->input_h * row;
  }
}
