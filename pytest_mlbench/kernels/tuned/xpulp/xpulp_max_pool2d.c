/* MAX_POOL_2D of whole words of channels, for the CV32E40P with COREV_PULP: cv.max.b compares four.
 *
 * Instructions per value: load, comparison, pointer and loop for four: 1.25. A window of 2x2 needs
 * no loop: 4 loads, 5 comparisons, the store and the loop over words are 4 per output. To find a
 * window takes about 50.
 */
#include "mlbench_tuned.h"

typedef int32_t __attribute__((may_alias)) word;

#define INLINE static inline __attribute__((always_inline))

#if defined(__riscv)

INLINE int32_t larger(int32_t a, int32_t b) {
  __asm__(".insn r 0x7b, 1, 0x18, %0, %1, %2" : "=r"(a) : "r"(a), "r"(b)); /* cv.max.b */
  return a;
}

INLINE int32_t smaller(int32_t a, int32_t b) {
  __asm__(".insn r 0x7b, 1, 0x10, %0, %1, %2" : "=r"(a) : "r"(a), "r"(b)); /* cv.min.b */
  return a;
}

#else

INLINE int32_t chosen(int32_t a, int32_t b, int larger_ones) {
  uint32_t found = 0;
  for (int32_t at = 0; at < 32; at += 8) {
    const int8_t first = (int8_t)((uint32_t)a >> at), second = (int8_t)((uint32_t)b >> at);
    const int8_t one = (first > second) == larger_ones ? first : second;
    found |= (uint32_t)(uint8_t)one << at;
  }
  return (int32_t)found;
}

INLINE int32_t larger(int32_t a, int32_t b) { return chosen(a, b, 1); }
INLINE int32_t smaller(int32_t a, int32_t b) { return chosen(a, b, 0); }

#endif

INLINE int32_t at(const int8_t *from) { return *(const word *)(const void *)from; }

/* Of `columns` words, `pitch` bytes apart, in each of `rows` rows, `row` bytes apart. */
INLINE int32_t largest(int32_t most, const int8_t *window, int32_t rows, int32_t row,
                       int32_t columns, int32_t pitch) {
  for (; rows > 0; --rows, window += row) {
    const int8_t *from = window;
    for (int32_t x = columns; x > 0; --x, from += pitch) {
      most = larger(most, at(from));
    }
  }
  return most;
}

void mlbench_tuned_xpulp_max_pool2d(const struct mlbench_tuned_pool2d *params, const int8_t *input,
                                    int8_t *output) {
  const int32_t c = params->channels, row = params->input_w * c;
  const int32_t low = (int32_t)((uint32_t)(params->low & 0xff) * 0x01010101u);
  const int32_t high = (int32_t)((uint32_t)(params->high & 0xff) * 0x01010101u);
  for (int32_t n = 0; n < params->batches; ++n) {
    for (int32_t oy = 0; oy < params->output_h; ++oy) {
      MLBENCH_TUNED_WINDOW(top, bottom, oy * params->stride_h - params->padding_h, params->filter_h,
                           params->input_h);
      for (int32_t ox = 0; ox < params->output_w; ++ox) {
        MLBENCH_TUNED_WINDOW(left, right, ox * params->stride_w - params->padding_w,
                             params->filter_w, params->input_w);
        const int8_t *window = input + top * row + left * c;
        const int32_t rows = bottom - top, columns = right - left;
        const int two = rows == 2 && columns == 2;
        for (const int8_t *end = window + c; window != end; window += 4, output += 4) {
          int32_t most = low;
          if (two) {
            const int8_t *below = window + row;
            most = larger(most, larger(at(window), at(window + c)));
            most = larger(most, larger(at(below), at(below + c)));
          } else {
            most = largest(most, window, rows, row, columns, c);
          }
          *(word *)(void *)output = smaller(most, high);
        }
      }
    }
    input += params->input_h * row;
  }
}
