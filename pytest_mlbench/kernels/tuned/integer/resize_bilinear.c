/* RESIZE_BILINEAR, int8, with the reference kernel's struct: an output pixel is the sum of four
 * input pixels with four weights, which have 20 fractional bits together. TensorFlow Lite divides
 * by 2^20 and rounds halves away from zero: output = (sum - (sum < 0) + 2^19) >> 20
 *
 * Instructions per element: 4 loads, 4 products, 3 additions, 4 for the rounding, 1 store, and a
 * share of pointers and loop: 17.5; a pixel takes about 30 more. With vectors
 * (vector_resize.S): 28 for 32 elements at VLEN 128.
 */
#include "mlbench_tuned_resize.h"

#define ONE 1024

#ifdef MLBENCH_TUNED_VLENB
#define BLEND mlbench_tuned_vector_blend
#else
#define BLEND blend

static inline int8_t rounded(int32_t sum) {
  return (int8_t)((sum + (sum >> 31) + (1 << 19)) >> 20);
}

static void blend(int8_t *to, const int8_t *a, const int8_t *b, const int8_t *c, const int8_t *d,
                  const int32_t weights[4], int32_t count) {
  const int32_t wa = weights[0], wb = weights[1], wc = weights[2], wd = weights[3];
#ifndef MLBENCH_TUNED_SMALL
  for (; count >= 4; count -= 4) {
    to[0] = rounded(a[0] * wa + b[0] * wb + c[0] * wc + d[0] * wd);
    to[1] = rounded(a[1] * wa + b[1] * wb + c[1] * wc + d[1] * wd);
    to[2] = rounded(a[2] * wa + b[2] * wb + c[2] * wc + d[2] * wd);
    to[3] = rounded(a[3] * wa + b[3] * wb + c[3] * wc + d[3] * wd);
    to += 4;
    a += 4;
    b += 4;
    c += 4;
    d += 4;
  }
#endif
  for (; count > 0; --count) {
    *to++ = rounded(*a++ * wa + *b++ * wb + *c++ * wc + *d++ * wd);
  }
}
#endif

void mlbench_tuned_resize_bilinear(const struct mlbench_resize_bilinear *params,
                                   const int8_t *input, int8_t *output) {
  const struct mlbench_image in = params->input, out = params->output;
  const int32_t pitch = in.w * in.c;
  for (int32_t image = 0; image < in.n; ++image) {
    for (int32_t y = 0; y < out.h; ++y) {
      const int32_t *row = params->rows + 3 * y;
      const int8_t *above = input + row[0] * pitch, *below = input + row[1] * pitch;
      for (int32_t x = 0; x < out.w; ++x) {
        const int32_t *column = params->columns + 3 * x;
        const int32_t left = column[0] * in.c, right = column[1] * in.c;
        const int32_t weights[4] = {
            (ONE - row[2]) * (ONE - column[2]),
            (ONE - row[2]) * column[2],
            row[2] * (ONE - column[2]),
            row[2] * column[2],
        };
        BLEND(output, above + left, above + right, below + left, below + right, weights, in.c);
        output += in.c;
      }
    }
    input += in.h * pitch;
  }
}
