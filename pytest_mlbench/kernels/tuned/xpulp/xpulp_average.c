/* AVERAGE_POOL_2D and MEAN over dimensions in front of the kept innermost one, of whole words of
 * channels: the windows; xpulp_average.S averages one, portable_average.c does on a host.
 */
#include "mlbench_tuned.h"

void mlbench_tuned_xpulp_average_pool2d(const struct mlbench_tuned_pool2d *params,
                                        const int8_t *input, int8_t *output) {
  const int32_t c = params->channels, row = params->input_w * c;
  struct mlbench_tuned_xpulp_window window = {
      .pitch = c,
      .words = c / 4,
      .constants = {0, 0, 0x0703, params->low, params->high}, /* Upper bytes of two registers. */
  };
  int32_t count = 0;
  for (int32_t n = 0; n < params->batches; ++n) {
    for (int32_t oy = 0; oy < params->output_h; ++oy) {
      MLBENCH_TUNED_WINDOW(top, bottom, oy * params->stride_h - params->padding_h, params->filter_h,
                           params->input_h);
      for (int32_t ox = 0; ox < params->output_w; ++ox) {
        MLBENCH_TUNED_WINDOW(left, right, ox * params->stride_w - params->padding_w,
                             params->filter_w, params->input_w);
        window.rows = bottom - top;
        window.columns = right - left;
        window.row_step = row - window.columns * c;
        if (window.rows * window.columns != count) {
          count = window.rows * window.columns;
          window.start = 128 * count + count / 2;
          window.constants[0] = count % 2 == 0 ? window.start : 0;
          window.constants[1] = (1 << 24) / count + 1;
        }
        mlbench_tuned_xpulp_average(&window, input + top * row + left * c, output);
        output += c;
      }
    }
    input += params->input_h * row;
  }
}

void mlbench_tuned_xpulp_mean(const struct mlbench_tuned_xpulp_mean *params, const int8_t *input,
                              int8_t *output) {
  const int32_t c = params->channels;
  const struct mlbench_tuned_xpulp_window window = {
      .rows = 1,
      .columns = params->rows,
      .pitch = c,
      .words = c / 4,
      .start = params->start,
      .constants = {params->most, params->upper, params->lower, params->offset, params->bits,
                    params->bend, params->below},
  };
  for (int32_t outer = params->outer; outer > 0; --outer) {
    mlbench_tuned_xpulp_average_scaled(&window, input, output);
    input += params->rows * c;
    output += c;
  }
}
