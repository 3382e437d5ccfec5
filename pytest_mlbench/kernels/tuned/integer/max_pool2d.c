/* MAX_POOL_2D, int8: four channels at once keep their largest value in registers.
 *
 * Instructions per value of a window: load, comparison, and a move where it is larger; pointer and
 * loop for four: about 3.2. A window of 2x2 needs no loop and its first value no comparison, and
 * eight channels share the pointers: per output 4 loads, 3 comparisons, 13/12 moves (a random value
 * is larger than the n before it with a probability of 1 / (n + 1)), the store and 0.8: about 10; a
 * window 6 more. With Zbb a comparison and its move are one `max`: 8.8.
 *
 * Loads of words alone and a store would be 1.25. But there is no instruction that compares bytes
 * in a word: a maximum of four pairs takes 15 (the comparison of seven bits 3, that of the eighth
 * 7, a mask 3, the selection 2), three of them 45 for four outputs: 12.5 in all.
 */
#include "mlbench_tuned.h"

#define INLINE static inline __attribute__((always_inline))

#ifdef __riscv_zbb
#define LARGER(m, value)       \
  do {                         \
    const int32_t v = (value); \
    (m) = v > (m) ? v : (m);   \
  } while (0)
#else
/* A branch: the code that the compiler generates without one takes five instructions. */
#define LARGER(m, value)       \
  do {                         \
    const int32_t v = (value); \
    if (v > (m)) {             \
      (m) = v;                 \
      __asm__("" : "+r"(m));   \
    }                          \
  } while (0)

#endif

INLINE int8_t bounded(int32_t value, int32_t high) { return (int8_t)(value > high ? high : value); }

/* Of a window of 2x2, four channels; `across` and `down` are the bytes to its neighbours. */
INLINE void four_of_2x2(const int8_t *a, int32_t across, int32_t down, int8_t *output) {
  const int8_t *b = a + across, *c = a + down, *d = c + across;
  int32_t m0 = a[0], m1 = a[1], m2 = a[2], m3 = a[3];
  LARGER(m0, b[0]);
  LARGER(m1, b[1]);
  LARGER(m2, b[2]);
  LARGER(m3, b[3]);
  LARGER(m0, c[0]);
  LARGER(m1, c[1]);
  LARGER(m2, c[2]);
  LARGER(m3, c[3]);
  LARGER(m0, d[0]);
  LARGER(m1, d[1]);
  LARGER(m2, d[2]);
  LARGER(m3, d[3]);
  output[0] = (int8_t)m0;
  output[1] = (int8_t)m1;
  output[2] = (int8_t)m2;
  output[3] = (int8_t)m3;
}

/* Of a window of `height` rows and `width` columns, `count` channels: four, or one. */
INLINE void several(const int8_t *window, int32_t height, int32_t width, int32_t across,
                    int32_t down, int8_t *output, const int32_t count, int32_t low, int32_t high) {
  int32_t m0 = low, m1 = low, m2 = low, m3 = low;
  for (; height > 0; --height, window += down) {
    const int8_t *from = window;
    for (int32_t x = width; x > 0; --x, from += across) {
      LARGER(m0, from[0]);
      if (count > 1) {
        LARGER(m1, from[1]);
        LARGER(m2, from[2]);
        LARGER(m3, from[3]);
      }
    }
  }
  output[0] = bounded(m0, high);
  if (count > 1) {
    output[1] = bounded(m1, high);
    output[2] = bounded(m2, high);
    output[3] = bounded(m3, high);
  }
}

/* Windows of 2x2 of one image, all of them inside it, and channels in eights. */
static void squares(const struct mlbench_tuned_pool2d *p, const int8_t *input, int8_t *output) {
  const int32_t c = p->channels;
  const int32_t row = p->input_w * c, across = p->stride_w * c;
  for (int32_t y = p->output_h; y > 0; --y, input += p->stride_h * row) {
    const int8_t *window = input;
    for (int32_t x = p->output_w; x > 0; --x, window += across) {
      const int8_t *from = window;
      for (const int8_t *end = from + c; from != end; from += 8, output += 8) {
        four_of_2x2(from, c, row, output);
        four_of_2x2(from + 4, c, row, output + 4);
      }
    }
  }
}

/* Whether all windows are of 2x2, and inside the image. */
static int is_square(const struct mlbench_tuned_pool2d *p) {
  return p->filter_h == 2 && p->filter_w == 2 && p->padding_h == 0 && p->padding_w == 0 &&
         (p->output_h - 1) * p->stride_h + 2 <= p->input_h &&
         (p->output_w - 1) * p->stride_w + 2 <= p->input_w;
}

void mlbench_tuned_max_pool2d(const struct mlbench_tuned_pool2d *params, const int8_t *input,
                              int8_t *output) {
  const int32_t c = params->channels, low = params->low, high = params->high;
  const int32_t row = params->input_w * c;
  const int unbounded = low == INT8_MIN && high == INT8_MAX;
  const int by_squares = unbounded && c % 8 == 0 && is_square(params);
  for (int32_t n = 0; n < params->batches; ++n, input += params->input_h * row) {
    if (by_squares) {
      squares(params, input, output);
      output += params->output_h * params->output_w * c;
      continue;
    }
    for (int32_t oy = 0; oy < params->output_h; ++oy) {
      MLBENCH_TUNED_WINDOW(top, bottom, oy * params->stride_h - params->padding_h, params->filter_h,
                           params->input_h);
      for (int32_t ox = 0; ox < params->output_w; ++ox) {
        MLBENCH_TUNED_WINDOW(left, right, ox * params->stride_w - params->padding_w,
                             params->filter_w, params->input_w);
        const int8_t *window = input + top * row + left * c;
        const int32_t height = bottom - top, width = right - left;
        int32_t at = c;
        if (height == 2 && width == 2 && unbounded) {
          for (; at >= 8; at -= 8, window += 8, output += 8) {
            four_of_2x2(window, c, row, output);
            four_of_2x2(window + 4, c, row, output + 4);
          }
        }
        for (; at >= 4; at -= 4, window += 4, output += 4) {
          several(window, height, width, c, row, output, 4, low, high);
        }
        for (; at > 0; --at, ++window, ++output) {
          several(window, height, width, c, row, output, 1, low, high);
        }
      }
    }
  }
}
