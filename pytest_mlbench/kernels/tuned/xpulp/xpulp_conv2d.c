/* CONV_2D: patches of four positions, multiplied by xpulp_gemm.S.
 *
 * A pixel of a pointwise layer is a patch where it lies, unless the output lies over the input:
 * then, and for other layers, patches are gathered into the scratch buffer first.
 */
#include <string.h>

#include "mlbench_tuned.h"

enum { TILE = 4 };

typedef int32_t __attribute__((may_alias)) word;

static void copy(int8_t *to, const int8_t *from, int32_t bytes) {
  word *into = (word *)(void *)to;
  const word *out = (const word *)(const void *)from;
  for (; bytes >= 16; bytes -= 16) {
    word a = out[0], b = out[1], c = out[2], d = out[3];
    into[0] = a;
    into[1] = b;
    into[2] = c;
    into[3] = d;
    into += 4;
    out += 4;
  }
  for (; bytes > 0; bytes -= 4) {
    *into++ = *out++;
  }
}

/* Outputs of `count` positions. `spare` takes four positions of fewer than four channels. */
static void multiply(const struct mlbench_tuned_conv2d *params, const int8_t *const *rows,
                     int8_t *spare, int8_t *output, int32_t count) {
  const int32_t pitch = params->gemm->pitch;
  int8_t *to = pitch == params->channels ? output : spare;
  if (count == TILE) {
    mlbench_tuned_xpulp_gemm_4x4(params->gemm, rows, to);
  } else {
    for (int32_t i = 0; i < count; ++i) {
      mlbench_tuned_xpulp_gemm_1x4(params->gemm, rows[i], to + i * pitch);
    }
  }
  if (to != output) {
    for (; count > 0; --count) {
      memcpy(output, to, (uint32_t)params->channels);
      to += pitch;
      output += params->channels;
    }
  }
}

void mlbench_tuned_xpulp_conv2d_1x1(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                    int8_t *output, void *scratch) {
  const int32_t k = params->k;
  int8_t *patches = scratch;
  int8_t *spare = patches + TILE * k;
  const int apart = input + params->positions * k <= output ||
                    output + params->positions * params->channels <= input;
  for (int32_t left = params->positions; left > 0; left -= TILE) {
    const int32_t count = left < TILE ? left : TILE;
    const int8_t *rows[TILE];
    if (!apart) {
      copy(patches, input, count * k);
    }
    for (int32_t i = 0; i < TILE; ++i) {
      rows[i] = (apart ? input : patches) + i * k;
    }
    multiply(params, rows, spare, output, count);
    input += count * k;
    output += count * params->channels;
  }
}

/* A word at any address: the core takes two cycles where it is not aligned. */
static inline __attribute__((always_inline)) int32_t word_at(const int8_t *from) {
  int32_t value;
#if defined(__riscv)
  __asm__("lw %0, 0(%1)" : "=r"(value) : "r"(from), "m"(*(const int8_t (*)[4])from));
#else
  memcpy(&value, from, sizeof value);
#endif
  return value;
}

/* A patch's rows of `count` bytes, each filled up to whole words. */
static void gather_rows(int8_t *to, const int8_t *from, int32_t rows, int32_t pitch,
                        int32_t count) {
  for (; rows > 0; --rows) {
    int32_t i = 0;
    for (; i + 4 <= count; i += 4) {
      *(word *)(void *)(to + i) = word_at(from + i);
    }
    for (; i < count; ++i) {
      to[i] = from[i];
    }
    to += (count + 3) & -4;
    from += pitch;
  }
}

/* Rows of `count` bytes, one behind the other, to rows of whole words. */
static void spread(int8_t *to, const int8_t *from, int32_t rows, int32_t count) {
  for (; rows > 0; --rows) {
    memcpy(to, from, (uint32_t)count);
    to += (count + 3) & -4;
    from += count;
  }
}

void mlbench_tuned_xpulp_conv2d(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                int8_t *output, void *scratch) {
  const int32_t bytes = (int32_t)((uint32_t)params->gemm->weight_bytes / 4);
  int8_t *patches = scratch;
  int8_t *compact = patches + TILE * bytes; /* a patch at an edge, then fewer than four channels */
  const int32_t c = params->input_c;
  const int32_t row = params->input_w * c;
  const int32_t count = params->filter_w * c;
  const int rows_apart = params->dilation_w == 1 && (count & 3) != 0;
  int32_t ox = 0, oy = 0, x = -params->padding_w, y = -params->padding_h;
  const int8_t *rows[TILE];
  for (int32_t i = 0; i < TILE; ++i) {
    rows[i] = patches + i * bytes;
  }
  memset(patches, 0, (uint32_t)(TILE * bytes)); /* what no tap fills */
  for (int32_t left = params->positions; left > 0; left -= TILE) {
    const int32_t now = left < TILE ? left : TILE;
    for (int32_t i = 0; i < now; ++i) {
      int8_t *patch = patches + i * bytes;
      const int8_t *from = input + y * row + x * c;
      if ((uint32_t)x >= params->inside_w || (uint32_t)y >= params->inside_h) {
        mlbench_tuned_gather(params, input, y, x, rows_apart ? compact : patch);
        if (rows_apart) {
          spread(patch, compact, params->filter_h, count);
        }
      } else if (params->whole_words) {
        for (int32_t ky = 0; ky < params->filter_h; ++ky) {
          copy(patch, from, count);
          patch += count;
          from += params->row;
        }
      } else {
        gather_rows(patch, from, params->filter_h, params->row, count);
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
    multiply(params, rows, compact, output, now);
    output += TILE * params->channels;
  }
}
