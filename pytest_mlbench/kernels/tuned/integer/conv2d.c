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
        mlbench_tuned_gather(params, input, y, x, (int8_t *)patch);
        pack_rows(packed + i, (const int8_t *)patch, 1, 0, words);
      } else {
        const int8_t *from = input + y * row + x * c;
        if (params->whole_words) {
          pack_rows(packed + i, from, params->filter_h, params->row,
                    (int32_t)((uint32_t)count / 4));
        } else {
          mlbench_tuned_gather_rows((int8_t *)patch, from, params->filter_h, params->row, count);
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

/* A patch from a plane whose rows are whole words: `words` of each of the filter's rows, which
 * begin `shift` bits after a word does. */
INLINE word *pack_shifted(word *to, const int8_t *from, int32_t rows, int32_t pitch,
                          int32_t words) {
  const uint32_t shift = 8 * ((uint32_t)(uintptr_t)from & 3);
  from -= shift / 8;
  for (; rows > 0; --rows, from += pitch) {
    const word *next = (const word *)(const void *)from;
    if (shift == 0) {
      for (int32_t i = 0; i < words; ++i, to += TILE) {
        *to = next[i];
      }
      continue;
    }
    uint32_t low = (uint32_t)next[0];
    for (int32_t i = 1; i <= words; ++i, to += TILE) {
      const uint32_t high = (uint32_t)next[i];
      *to = (word)(low >> shift | high << (32 - shift));
      low = high;
    }
  }
  return to;
}

/* One image whose pixels are not whole words, but whose filter's rows are. It is copied to a plane,
 * with its padding, so that no patch ends beyond it, and patches are put together of whole words:
 * about 7 instructions each. */
void mlbench_tuned_conv2d_plane(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                int8_t *output, void *scratch) {
  const int32_t c = params->input_c;
  const int32_t words = (int32_t)((uint32_t)params->k / 4);
  const int32_t rows = params->filter_h, count = (int32_t)((uint32_t)(params->filter_w * c) / 4);
  word *packed = scratch;
  int8_t *plane = (int8_t *)(packed + TILE * words);
  const int32_t height = (params->output_h - 1) * params->stride_h + rows;
  const int32_t width = (params->output_w - 1) * params->stride_w + params->filter_w;
  const int32_t pitch = (width * c + 3) & -4;
  const int32_t inside =
      params->input_w < width - params->padding_w ? params->input_w : width - params->padding_w;
  int8_t *spare = plane + height * pitch;
  memset(plane, params->zero_point, (uint32_t)(height * pitch));
  for (int32_t y = 0; y < params->input_h && y + params->padding_h < height; ++y) {
    memcpy(plane + (y + params->padding_h) * pitch + params->padding_w * c,
           input + y * params->input_w * c, (uint32_t)(inside * c));
  }
  int32_t ox = 0;
  const int8_t *line = plane;
  for (int32_t left = params->positions; left > 0; left -= TILE) {
    for (int32_t i = 0; i < TILE; ++i) {
      pack_shifted(packed + i, line + ox * params->stride_w * c, rows, pitch, count);
      if (i + 1 < left && ++ox == params->output_w) {
        ox = 0;
        line += params->stride_h * pitch;
      }
    }
    multiply(params, packed, spare, output, left < TILE ? left : TILE);
    output += TILE * params->channels;
  }
}
