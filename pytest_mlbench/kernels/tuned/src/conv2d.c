/* CONV_2D: patches of five positions are packed side by side, then multiplied by gemm_5x4.S.
 *
 * Packing costs about 28 instructions per 48 bytes (twelve word loads and stores, two pointers, the
 * loop), spent once for all output channels: 0.6 / channels instructions per MAC. A tensor whose
 * pixels are not whole words is gathered byte by byte first, about 3 per byte more.
 *
 * Where an image ends, the patch holds the input's zero point: the zero point's share of every
 * weight is in the bias, so that such a tap adds nothing, as in TensorFlow Lite, which skips it.
 */
#include <string.h>

#include "mlbench_tuned.h"

enum { TILE = 5 };

typedef int32_t __attribute__((may_alias)) word;

#define INLINE static inline __attribute__((always_inline))

/* Copies `count` consecutive words to every fifth one. */
INLINE word *pack(word *to, const word *from, int32_t count) {
#ifndef MLBENCH_TUNED_SMALL
  for (; count >= 12; count -= 12) {
    for (int32_t i = 0; i < 12; i += 4) {
      word a = from[i], b = from[i + 1], c = from[i + 2], d = from[i + 3];
      to[i * TILE] = a;
      to[(i + 1) * TILE] = b;
      to[(i + 2) * TILE] = c;
      to[(i + 3) * TILE] = d;
    }
    from += 12;
    to += 12 * TILE;
  }
#endif
  for (; count >= 4; count -= 4) {
    word a = from[0], b = from[1], c = from[2], d = from[3];
    to[0] = a;
    to[TILE] = b;
    to[2 * TILE] = c;
    to[3 * TILE] = d;
    from += 4;
    to += 4 * TILE;
  }
  for (; count > 0; --count) {
    *to = *from++;
    to += TILE;
  }
  return to;
}

/* Outputs of `count` positions. Up to three are cheaper one by one. `spare` takes four. */
static __attribute__((noinline)) void multiply(const struct mlbench_tuned_conv2d *params,
                                               const word *packed, int8_t *spare, int8_t *output,
                                               int32_t count) {
  if (count >= TILE && params->gemm->pitch == params->channels) {
    mlbench_tuned_gemm_5x4(params->gemm, (const int8_t *)packed, output);
    return;
  }
  if (count < TILE - 1 && params->gemm->pitch == params->channels) {
    for (; count > 0; --count) {
      mlbench_tuned_gemm_1x4(params->gemm, (const int8_t *)packed++, output);
      output += params->channels;
    }
    return;
  }
  mlbench_tuned_gemm_5x4(params->gemm, (const int8_t *)packed, spare);
  for (; count > 0; --count) {
    memcpy(output, spare, (uint32_t)params->channels);
    spare += params->gemm->pitch;
    output += params->channels;
  }
}

/* One pixel is one patch: pointwise, stride 1, rows of whole words. May run in place while an
 * output pixel is no larger than an input pixel. */
void mlbench_tuned_conv2d_1x1(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                              int8_t *output, void *scratch) {
  word *packed = scratch;
  int32_t k = params->k;
  int8_t *spare = (int8_t *)scratch + TILE * k;
  for (int32_t left = params->positions; left > 0; left -= TILE) {
    int32_t count = left < TILE ? left : TILE;
    for (int32_t i = 0; i < TILE; ++i) {
      pack(packed + i, (const word *)input, k / 4);
      if (i < count - 1) {
        input += k;
      }
    }
    input += k;
    multiply(params, packed, spare, output, count);
    output += TILE * params->channels;
  }
}

/* A patch of whole words that lies in the image. */
static __attribute__((noinline)) void pack_rows(word *to, const int8_t *from, int32_t rows,
                                                int32_t pitch, int32_t count) {
  for (; rows > 0; --rows) {
    to = pack(to, (const word *)from, count);
    from += pitch;
  }
}

INLINE int8_t *copy(int8_t *to, const int8_t *from, int32_t count) {
  for (; count >= 4; count -= 4) {
    int8_t a = from[0], b = from[1], c = from[2], d = from[3];
    to[0] = a;
    to[1] = b;
    to[2] = c;
    to[3] = d;
    from += 4;
    to += 4;
  }
  for (; count > 0; --count) {
    *to++ = *from++;
  }
  return to;
}

static __attribute__((noinline)) int8_t *fill(int8_t *to, int8_t value, int32_t count) {
  for (; count >= 4; count -= 4) {
    to[0] = value;
    to[1] = value;
    to[2] = value;
    to[3] = value;
    to += 4;
  }
  for (; count > 0; --count) {
    *to++ = value;
  }
  return to;
}

INLINE int8_t *copy_words(int8_t *to, const int8_t *from, int32_t count) {
  for (; count > 0; count -= 4) {
    *(word *)to = *(const word *)from;
    to += 4;
    from += 4;
  }
  return to;
}

/* The rows of a patch, side by side. */
static __attribute__((noinline)) void gather_rows(int8_t *to, const int8_t *from, int32_t rows,
                                                  int32_t pitch, int32_t count) {
  for (; rows > 0; --rows) {
    to = copy(to, from, count);
    from += pitch;
  }
}

/* A patch whose first tap is pixel (x, y), parts of which may lie outside of the image. Its taps
 * are ordered run (a row of the filter, or one pixel when it is dilated), row, pixel, channel. */
static __attribute__((noinline)) void gather(const struct mlbench_tuned_conv2d *params,
                                             const int8_t *image, int32_t top, int32_t x,
                                             int8_t *to) {
  int32_t c = params->input_c;
  int32_t width = params->dilation_w == 1 ? params->filter_w : 1;
  for (int32_t kx = 0; kx < params->filter_w; kx += width, x += params->dilation_w) {
    int32_t before = x < 0 ? -x : 0;
    int32_t behind = x + width > params->input_w ? x + width - params->input_w : 0;
    before = before > width ? width : before;
    behind = behind > width ? width : behind;
    int32_t inside = (width - before - behind) * c;
    before *= c;
    behind *= c;
    int32_t y = top;
    const int8_t *from = image + (y * params->input_w + x) * c + before;
    for (int32_t ky = params->filter_h; ky > 0; --ky) {
      if ((uint32_t)y >= (uint32_t)params->input_h) {
        to = fill(to, (int8_t)params->zero_point, width * c);
      } else {
        if (before > 0) {
          to = fill(to, (int8_t)params->zero_point, before);
        }
        to = params->whole_words ? copy_words(to, from, inside) : copy(to, from, inside);
        if (behind > 0) {
          to = fill(to, (int8_t)params->zero_point, behind);
        }
      }
      y += params->dilation_h;
      from += params->row;
    }
  }
}

void mlbench_tuned_conv2d(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                          int8_t *output, void *scratch) {
  word *packed = scratch;
  int32_t words = (int32_t)((uint32_t)params->gemm->weight_bytes / 16);
  word *patch = packed + TILE * words;
  int8_t *spare = (int8_t *)(patch + words);
  int32_t c = params->input_c;
  int32_t row = params->input_w * c;
  int32_t count = params->filter_w * c;
  int32_t ox = 0, oy = 0, x = -params->padding_w, y = -params->padding_h;
  patch[words - 1] = 0;
  for (int32_t left = params->positions; left > 0; left -= TILE) {
    for (int32_t i = 0; i < TILE; ++i) {
      if ((uint32_t)x >= params->inside_w || (uint32_t)y >= params->inside_h) {
        gather(params, input, y, x, (int8_t *)patch);
        pack_rows(packed + i, (const int8_t *)patch, 1, 0, words);
      } else {
        const int8_t *from = input + y * row + x * c;
        if (params->whole_words) {
          pack_rows(packed + i, from, params->filter_h, params->row,
                    (int32_t)((uint32_t)count / 4));
        } else {
          gather_rows((int8_t *)patch, from, params->filter_h, params->row, count);
          pack_rows(packed + i, (const int8_t *)patch, 1, 0, words);
        }
      }
      if (i + 1 >= left) {
        continue;
      }
      x += params->stride_w;
      if (++ox == params->output_w) {
        ox = 0;
        x = -params->padding_w;
        y += params->stride_h;
        if (++oy == params->output_h) {
          oy = 0;
          y = -params->padding_h;
          input += params->input_h * row;
        }
      }
    }
    multiply(params, packed, spare, output, left < TILE ? left : TILE);
    output += TILE * params->channels;
  }
}
