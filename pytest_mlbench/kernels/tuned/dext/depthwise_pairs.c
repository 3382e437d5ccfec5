/* DEPTHWISE_CONV_2D, filter 3x3, with two activations in one double: what depthwise_3x3_pairs.S is
 * called with, strip by strip.
 *
 * The pairs are output row y with row y + shift, where shift is half the rows, rounded down: of an
 * odd number of rows both halves compute the one in the middle, with one result. A row of padding
 * is a row of zero points in the scratch buffer.
 */
#include "mlbench_tuned.h"

typedef int32_t __attribute__((may_alias)) word;

static const int8_t *row_of(const struct mlbench_tuned_depthwise_pairs *params, const int8_t *input,
                            const int8_t *nothing, int32_t y) {
  const int32_t row = params->input_w * params->channels;
  return (uint32_t)y < (uint32_t)params->input_h ? input + y * row : nothing;
}

void mlbench_tuned_depthwise_3x3_pairs(const struct mlbench_tuned_depthwise_pairs *params,
                                       const int8_t *input, int8_t *output, void *scratch) {
  const int32_t c = params->channels;
  const int32_t stride = params->stride;
  const int32_t half = (params->output_h + 1) / 2;
  const int32_t shift = params->output_h - half;
  const int32_t last_column = params->output_w - params->columns;
  const double padding = params->zero_point * (1 + 0x1p23);
  struct mlbench_tuned_depthwise_pairs_call call = {
      .stream = params->stream,
      .away = params->away,
      .away_step = params->away_step,
      .row = params->input_w * c,
      .output_row = params->output_w * c,
      .channels = c,
  };
  word *nothing = scratch;
  for (int32_t i = 0; i < call.row; i += 4) {
    nothing[i / 4] = (int32_t)(0x01010101 * (uint32_t)(uint8_t)params->zero_point);
  }
  for (int32_t image = 0; image < params->images; ++image) {
    for (int32_t x = 0;; x += params->columns) {
      const int32_t at = x < last_column ? x : last_column;
      const int32_t column = at * stride - params->padding_w + 1; /* middle of the first filter */
      const int32_t offset = column * c;
      const int32_t top = -params->padding_h;
      const int32_t last = top + (half - 1) * stride + 2;
      const int32_t down = shift * stride;
      call.first_a = row_of(params, input, scratch, top) + offset;
      call.first_b = row_of(params, input, scratch, top + down) + offset;
      call.second_a = row_of(params, input, scratch, top + 1) + offset;
      call.second_b = row_of(params, input, scratch, top + 1 + down) + offset;
      call.last_a = row_of(params, input, scratch, last) + offset;
      call.last_b = row_of(params, input, scratch, last + down) + offset;
      call.stop = call.second_a + (last - top - 1) * call.row;
      call.output_a = output + at * c;
      call.output_b = call.output_a + shift * call.output_row;
      call.open =
          (column > 0) + 2 * (column + (params->columns - 1) * stride + 1 < params->input_w);
      call.left = column > 0 ? 0 : padding;
      call.right = call.open > 1 ? 0 : padding;
      params->strip(&call);
      if (at == last_column) {
        break;
      }
    }
    input += params->input_h * call.row;
    output += params->output_h * call.output_row;
  }
}
