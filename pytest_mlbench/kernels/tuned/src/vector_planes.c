/* CONV_2D for V with positions as lanes: rows of the input become planes, one per channel, with the
 * input's zero point at both ends; as many rows are kept as the filter is high. vector_planes.S
 * multiplies.
 */
#include "mlbench_tuned.h"

enum { MOST_ROWS = 16 };

void mlbench_tuned_vector_conv2d_planes(const struct mlbench_tuned_vector_planes_conv2d *params,
                                        const int8_t *input, int8_t *output, void *scratch) {
  const struct mlbench_tuned_vector_planes *planes = params->planes;
  const int32_t width = planes->pitch / 2;
  const int32_t slot = width * planes->planes;
  const int32_t input_row = params->input_w * planes->planes;
  const int32_t output_row = params->output_w * planes->channels;
  int16_t *kept = scratch;
  const int16_t *rows[MOST_ROWS];
  for (int32_t n = 0; n < params->images; ++n) {
    int32_t made = 0;
    mlbench_tuned_vector_fill16(kept, params->zero_point, slot * planes->runs);
    for (int32_t y = 0; y < params->output_h; ++y) {
      const int32_t first = y * params->stride_h;
      for (made = made < first ? first : made; made < first + planes->runs; ++made) {
        int16_t *to = kept + made % planes->runs * slot;
        const int32_t at = made - params->padding_h;
        if ((uint32_t)at < (uint32_t)params->input_h) {
          mlbench_tuned_vector_to_planes(to + params->padding_w, planes->pitch,
                                         input + at * input_row, planes->planes, params->inside_w);
        } else {
          mlbench_tuned_vector_fill16(to, params->zero_point, slot);
        }
      }
      for (int32_t x = 0; x < params->output_w; x += params->lanes) {
        const int32_t left = params->output_w - x;
        for (int32_t ky = 0; ky < planes->runs; ++ky) {
          rows[ky] = kept + (first + ky) % planes->runs * slot + x * (planes->step / 2);
        }
        params->multiply(planes, rows, output + x * planes->channels,
                         left < params->lanes ? left : params->lanes);
      }
      output += output_row;
    }
    input += params->input_h * input_row;
  }
}
