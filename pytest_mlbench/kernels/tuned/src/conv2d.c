/* CONV_2D: patches of five positions are packed side by side, then multiplied by gemm_5x4.S.
 *
 * Packing costs about 11 instructions per 16 bytes (four word loads and stores, two pointers, the
 * branch), spent once for all output channels: 0.7 / channels instructions per MAC. A tensor whose
 * pixels are not whole words is gathered byte by byte first, about 5 per byte more.
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

/* Mostly not at all: only where an image ends. */
INLINE word *pack_value(word *to, word value, int32_t count) {
  for (; count > 0; --count) {
    *to = value;
    to += TILE;
  }
  return to;
}

/* Outputs of `count` positions. `spare` takes a tile that is not wholly wanted. */
static __attribute__((noinline)) void multiply(const struct mlbench_tuned_conv2d *params,
                                               const word *packed, int8_t *spare, int8_t *output,
                                               int32_t count) {
  int32_t channels = params->channels;
  if (count == TILE && params->gemm->pitch == channels) {
    mlbench_tuned_gemm_5x4(params->gemm, (const int8_t *)packed, output);
    return;
  }
  mlbench_tuned_gemm_5x4(params->gemm, (const int8_t *)packed, spare);
  for (; count > 0; --count) {
    memcpy(output, spare, (uint32_t)channels);
    spare += params->gemm->pitch;
    output += channels;
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

struct place {
  const int8_t *image;
  int32_t y, x;
};

INLINE void next(struct place *place, const struct mlbench_tuned_conv2d *params) {
  if (++place->x < params->output_w) {
    return;
  }
  place->x = 0;
  if (++place->y < params->output_h) {
    return;
  }
  place->y = 0;
  place->image += params->input_h * params->input_w * params->input_c;
}

/* Whether all taps of a filter that is `size` long, from `start` on, lie in the image. */
INLINE int inside(int32_t start, int32_t size, int32_t image) {
  return start >= 0 && start + size <= image;
}

/* Where a run of `width` neighbouring pixels from `x` on lies: so many units before the image, in
 * it, and behind it. */
struct run {
  int32_t before, inside, behind;
};

INLINE struct run cut(int32_t x, int32_t width, int32_t image_w, int32_t unit) {
  int32_t before = x < 0 ? -x : 0;
  int32_t behind = x + width > image_w ? x + width - image_w : 0;
  if (before >= width || behind >= width) {
    return (struct run){width * unit, 0, 0};
  }
  return (struct run){before * unit, (width - before - behind) * unit, behind * unit};
}

/* A patch that lies in the image: `rows` rows of `count` words. */
static __attribute__((noinline)) void pack_inside(word *to, const int8_t *from, int32_t rows,
                                                  int32_t pitch, int32_t count) {
  for (; rows > 0; --rows) {
    to = pack(to, (const word *)from, count);
    from += pitch;
  }
}

/* Any patch. Its taps are ordered run (a row of the filter, or one pixel when it is dilated), row,
 * pixel, channel. */
static __attribute__((noinline)) void pack_edge(const struct mlbench_tuned_conv2d *params,
                                                const int8_t *image, int32_t top, int32_t x,
                                                word *to) {
  int32_t c = params->input_c;
  int32_t row = params->input_w * c;
  int32_t width = params->dilation_w == 1 ? params->filter_w : 1;
  for (int32_t kx = 0; kx < params->filter_w; kx += width, x += params->dilation_w) {
    struct run run = cut(x, width, params->input_w, (int32_t)((uint32_t)c / 4));
    int32_t y = top;
    for (int32_t ky = 0; ky < params->filter_h; ++ky, y += params->dilation_h) {
      if ((uint32_t)y >= (uint32_t)params->input_h) {
        to = pack_value(to, params->padding_word, run.before + run.inside + run.behind);
      } else {
        to = pack_value(to, params->padding_word, run.before);
        to = pack(to, (const word *)(image + y * row + x * c) + run.before, run.inside);
        to = pack_value(to, params->padding_word, run.behind);
      }
    }
  }
}

void mlbench_tuned_conv2d(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                          int8_t *output, void *scratch) {
  word *packed = scratch;
  int8_t *spare = (int8_t *)scratch + TILE * params->k;
  int32_t c = params->input_c;
  int32_t row = params->input_w * c;
  int32_t reach_h = (params->filter_h - 1) * params->dilation_h + 1;
  int32_t reach_w = params->dilation_w == 1 ? params->filter_w : params->input_w + 1;
  int32_t count = (int32_t)((uint32_t)(params->filter_w * c) / 4);
  struct place place = {input, 0, 0};
  for (int32_t left = params->positions; left > 0; left -= TILE) {
    int32_t wanted = left < TILE ? left : TILE;
    for (int32_t i = 0; i < TILE; ++i) {
      int32_t y = place.y * params->stride_h - params->padding_h;
      int32_t x = place.x * params->stride_w - params->padding_w;
      if (inside(y, reach_h, params->input_h) && inside(x, reach_w, params->input_w)) {
        pack_inside(packed + i, place.image + y * row + x * c, params->filter_h,
                    params->dilation_h * row, count);
      } else {
        pack_edge(params, place.image, y, x, packed + i);
      }
      if (i < wanted - 1) {
        next(&place, params);
      }
    }
    next(&place, params);
    multiply(params, packed, spare, output, wanted);
    output += TILE * params->channels;
  }
}

INLINE int8_t *fill(int8_t *to, int8_t value, int32_t count) {
  for (; count > 0; --count) {
    *to++ = value;
  }
  return to;
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

static __attribute__((noinline)) void gather_inside(int8_t *to, const int8_t *from, int32_t rows,
                                                    int32_t pitch, int32_t count) {
  for (; rows > 0; --rows) {
    to = copy(to, from, count);
    from += pitch;
  }
}

static __attribute__((noinline)) void gather_edge(const struct mlbench_tuned_conv2d *params,
                                                  const int8_t *image, int32_t top, int32_t x,
                                                  int8_t *to) {
  int32_t c = params->input_c;
  int32_t row = params->input_w * c;
  int8_t padding = (int8_t)params->padding_word;
  int32_t width = params->dilation_w == 1 ? params->filter_w : 1;
  for (int32_t kx = 0; kx < params->filter_w; kx += width, x += params->dilation_w) {
    struct run run = cut(x, width, params->input_w, c);
    int32_t y = top;
    for (int32_t ky = 0; ky < params->filter_h; ++ky, y += params->dilation_h) {
      if ((uint32_t)y >= (uint32_t)params->input_h) {
        to = fill(to, padding, run.before + run.inside + run.behind);
      } else {
        to = fill(to, padding, run.before);
        to = copy(to, image + y * row + x * c + run.before, run.inside);
        to = fill(to, padding, run.behind);
      }
    }
  }
}

/* The same for pixels of any size: a patch is gathered, filled up to whole words, then packed. */
void mlbench_tuned_conv2d_bytes(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                int8_t *output, void *scratch) {
  word *packed = scratch;
  int32_t words = (int32_t)((uint32_t)params->gemm->weight_bytes / 16);
  word *patch = packed + TILE * words;
  int8_t *spare = (int8_t *)(patch + words);
  int32_t c = params->input_c;
  int32_t row = params->input_w * c;
  int32_t reach_h = (params->filter_h - 1) * params->dilation_h + 1;
  int32_t reach_w = params->dilation_w == 1 ? params->filter_w : params->input_w + 1;
  int32_t count = params->filter_w * c;
  struct place place = {input, 0, 0};
  patch[words - 1] = 0;
  for (int32_t left = params->positions; left > 0; left -= TILE) {
    int32_t wanted = left < TILE ? left : TILE;
    for (int32_t i = 0; i < TILE; ++i) {
      int32_t y = place.y * params->stride_h - params->padding_h;
      int32_t x = place.x * params->stride_w - params->padding_w;
      if (inside(y, reach_h, params->input_h) && inside(x, reach_w, params->input_w)) {
        gather_inside((int8_t *)patch, place.image + y * row + x * c, params->filter_h,
                      params->dilation_h * row, count);
      } else {
        gather_edge(params, place.image, y, x, (int8_t *)patch);
      }
      pack_inside(packed + i, (const int8_t *)patch, 1, 0, words);
      if (i < wanted - 1) {
        next(&place, params);
      }
    }
    next(&place, params);
    multiply(params, packed, spare, output, wanted);
    output += TILE * params->channels;
  }
}
