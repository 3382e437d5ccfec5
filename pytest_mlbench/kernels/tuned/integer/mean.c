/* MEAN over dimensions in front of the kept innermost one, of `channels` values: `rows` rows of
 * channels, `outer` times. Four channels are summed at once: 4 loads, 4 additions, pointer and
 * loop: 2.5 instructions per value. The offset is taken off once per sum; scaling and rounding are
 * TensorFlow Lite's.
 */
#include "mlbench_requantise.h"
#include "mlbench_tuned.h"

static int8_t scaled(const struct mlbench_tuned_mean *p, int32_t sum) {
  const int32_t value = mlbench_requantise(sum + p->offset, p->multiplier, p->shift);
  return (int8_t)mlbench_clamp(value + p->output_offset, -128, 127);
}

void mlbench_tuned_mean(const struct mlbench_tuned_mean *params, const int8_t *input,
                        int8_t *output) {
  const int32_t c = params->channels, rows = params->rows;
  for (int32_t outer = params->outer; outer > 0; --outer) {
    int32_t at = c;
    for (; at >= 4; at -= 4, input += 4, output += 4) {
      int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      const int8_t *from = input;
      for (int32_t row = rows; row > 0; --row, from += c) {
        s0 += from[0];
        s1 += from[1];
        s2 += from[2];
        s3 += from[3];
      }
      output[0] = scaled(params, s0);
      output[1] = scaled(params, s1);
      output[2] = scaled(params, s2);
      output[3] = scaled(params, s3);
    }
    for (; at > 0; --at, ++input) {
      int32_t sum = 0;
      const int8_t *from = input;
      for (int32_t row = rows; row > 0; --row, from += c) {
        sum += *from;
      }
      *output++ = scaled(params, sum);
    }
    input += (rows - 1) * c;
  }
}
