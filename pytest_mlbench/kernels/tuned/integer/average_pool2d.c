/* AVERAGE_POOL_2D, int8, whole words of channels, at most 256 values in a window.
 *
 * The average is the sum of the stored values divided by their number, halves away from zero; the
 * window is cut at the image's edges. Four channels are summed at once as unsigned values (stored
 * value + 128, below 2^16 in all): one word for the odd channels, and one for all, from which the
 * odd ones are subtracted at the end: a carry out of an even channel is part of its sum.
 *
 * Instructions per value: load, flip, addition, shift, mask, addition, pointer and loop for four
 * values: 8 / 4 = 2. A load and an addition for each would be 2 and its share of the loop.
 */
#include "mlbench_tuned.h"

typedef uint32_t __attribute__((may_alias)) word;

static __attribute__((noinline)) int8_t divided(uint32_t sum, int32_t count,
                                                const struct mlbench_tuned_pool2d *p) {
  int32_t signed_sum = (int32_t)(sum & 0xffff) - 128 * count;
  int32_t half = (int32_t)((uint32_t)count / 2);
  half = signed_sum > 0 ? half : -half;
  int32_t value = (signed_sum + half) / count;
  value = value < p->low ? p->low : value;
  return (int8_t)(value > p->high ? p->high : value);
}

void mlbench_tuned_average_pool2d(const struct mlbench_tuned_pool2d *params, const int8_t *input,
                                  int8_t *output) {
  const int32_t c = params->channels;
  const int32_t row = params->input_w * c;
  for (int32_t n = params->batches; n > 0; --n) {
    for (int32_t oy = 0; oy < params->output_h; ++oy) {
      MLBENCH_TUNED_WINDOW(top, bottom, oy * params->stride_h - params->padding_h, params->filter_h,
                           params->input_h);
      for (int32_t ox = 0; ox < params->output_w; ++ox) {
        MLBENCH_TUNED_WINDOW(left, right, ox * params->stride_w - params->padding_w,
                             params->filter_w, params->input_w);
        const int32_t count = (bottom - top) * (right - left);
        int32_t width = (right - left) * c, rows = bottom - top;
        if (width == row) { /* one row */
          width *= rows;
          rows = 1;
        }
        const int8_t *window = input + top * row + left * c, *pixel_end = window + c;
        for (; window != pixel_end; window += 4, output += 4) {
          uint32_t all = 0, odd = 0;
          const int8_t *first = window;
          int32_t y = rows;
          do {
            const int8_t *from = first, *end = from + width;
            do {
              const uint32_t four = *(const word *)from ^ 0x80808080u;
              from += c;
              all += four;
              odd += (four >> 8) & 0x00ff00ffu;
            } while (from != end);
            first += row;
          } while (--y > 0);
          const uint32_t even = all - (odd << 8);
          output[0] = divided(even, count, params);
          output[1] = divided(odd, count, params);
          output[2] = divided(even >> 16, count, params);
          output[3] = divided(odd >> 16, count, params);
        }
      }
    }
    input += params->input_h * row;
  }
}
