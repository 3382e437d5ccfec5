/* MAX_POOL_2D, int8: four channels at once keep their largest value in registers.
 *
 * Instructions per value of a window: load, comparison, and a move where it is larger; pointer and
 * loop for four: about 2.75. Where two columns are in the window they need no loop: 2.3. Per output
 * the lower bound is where the maximum starts from, the upper one a comparison, then the store.
 */
#include "mlbench_tuned.h"

#define LARGER(m, value)       \
  do {                         \
    const int32_t v = (value); \
    (m) = v > (m) ? v : (m);   \
  } while (0)

static int8_t bounded(int32_t value, int32_t high) { return (int8_t)(value > high ? high : value); }

void mlbench_tuned_max_pool2d(const struct mlbench_tuned_pool2d *params, const int8_t *input,
                              int8_t *output) {
  const int32_t c = params->channels, low = params->low, high = params->high;
  const int32_t row = params->input_w * c;
  for (int32_t n = 0; n < params->batches; ++n) {
    for (int32_t oy = 0; oy < params->output_h; ++oy) {
      int32_t top = oy * params->stride_h - params->padding_h;
      int32_t bottom = top + params->filter_h;
      top = top < 0 ? 0 : top;
      bottom = bottom > params->input_h ? params->input_h : bottom;
      for (int32_t ox = 0; ox < params->output_w; ++ox) {
        int32_t left = ox * params->stride_w - params->padding_w;
        int32_t right = left + params->filter_w;
        left = left < 0 ? 0 : left;
        right = right > params->input_w ? params->input_w : right;
        const int8_t *window = input + top * row + left * c;
        int32_t at = c;
        for (; at >= 4; at -= 4, window += 4, output += 4) {
          int32_t m0 = low, m1 = low, m2 = low, m3 = low;
          const int8_t *line = window;
          for (int32_t y = bottom - top; y > 0; --y, line += row) {
            const int8_t *from = line;
            int32_t x = right - left;
            if (x == 2) {
              LARGER(m0, from[0]);
              LARGER(m1, from[1]);
              LARGER(m2, from[2]);
              LARGER(m3, from[3]);
              from += c;
              x = 1;
            }
            do {
              LARGER(m0, from[0]);
              LARGER(m1, from[1]);
              LARGER(m2, from[2]);
              LARGER(m3, from[3]);
              from += c;
            } while (--x > 0);
          }
          output[0] = bounded(m0, high);
          output[1] = bounded(m1, high);
          output[2] = bounded(m2, high);
          output[3] = bounded(m3, high);
        }
        for (; at > 0; --at, ++window) {
          int32_t most = low;
          const int8_t *line = window;
          for (int32_t y = bottom - top; y > 0; --y, line += row) {
            const int8_t *from = line;
            for (int32_t x = right - left; x > 0; --x, from += c) {
              LARGER(most, *from);
            }
          }
          *output++ = bounded(most, high);
        }
      }
    }
    input += params->input_h * row;
  }
}
