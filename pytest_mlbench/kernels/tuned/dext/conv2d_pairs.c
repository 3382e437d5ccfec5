/* CONV_2D with two activations in one double: the loops around gemm_pairs.S, and what packs for it.
 *
 * A pair is a + b * 2^23 of two stored values, made by one integer addition and one conversion;
 * 23 bits apart the largest pair still fits 32 bits. Two ways to choose the pairs:
 *
 *   patches  the first half of all positions with the second half. Every tap of every patch is
 *            packed: 6.5 instructions per pair of taps, 3.3 / channels per MAC. For pointwise
 *            layers, whose patches are the image itself, and images of few channels; these are
 *            first gathered with all their padding, so that no patch reaches an edge, or, where
 *            that would be large, patch by patch. If there are many of them, six pairs lie side
 *            by side, tap by tap, and weights are made doubles once for all of them (`expanded`):
 *            conv2d_pairs_tiles.c packs those.
 *   rows     output row y with row y + half. Then a packed row of the input is an ordinary row and
 *            every filter row finds its taps in it, so that each pixel is packed once, and read in
 *            place. As many packed rows are kept as the filter is high. The output may lie over the
 *            input where both halves read but a few rows: those are copied before the first row of
 *            the second half is written over them.
 */
#include <string.h>

#include "mlbench_tuned.h"
#include "mlbench_tuned_pairs_pack.h"

static __attribute__((noinline)) void pack(double *to, const int8_t *a, const int8_t *b,
                                           int32_t count) {
  pack_by(to, a, b, count, 1);
}

/* Image and chunk -> packed pairs. Of an odd number of positions both halves have the middle one.
 */
void mlbench_tuned_pairs_pack_pixels(const struct mlbench_tuned_pairs *params, const int8_t *input,
                                     const struct mlbench_tuned_pairs_chunk *chunk, double *to,
                                     int8_t *scratch) {
  (void)scratch;
  const int32_t k = params->conv->k;
  input += chunk->first * k;
  pack(to, input, input + chunk->shift * k, chunk->pairs * k);
}

static __attribute__((noinline)) const int8_t *gathered(const struct mlbench_tuned_conv2d *conv,
                                                        const int8_t *input, int32_t at,
                                                        int8_t *to) {
  const int32_t x = at % conv->output_w * conv->stride_w - conv->padding_w;
  at /= conv->output_w;
  const int32_t y = at % conv->output_h * conv->stride_h - conv->padding_h;
  input += at / conv->output_h * conv->input_h * conv->input_w * conv->input_c;
  mlbench_tuned_gather(conv, input, y, x, to);
  return to;
}

void mlbench_tuned_pairs_pack_patches(const struct mlbench_tuned_pairs *params, const int8_t *input,
                                      const struct mlbench_tuned_pairs_chunk *chunk, double *to,
                                      int8_t *scratch) {
  const struct mlbench_tuned_conv2d *conv = params->conv;
  int8_t *second = scratch + (conv->k + 3) / 4 * 4;
  for (int32_t i = chunk->first; i < chunk->first + chunk->pairs; ++i) {
    const int8_t *a = gathered(conv, input, i, scratch);
    pack(to, a, gathered(conv, input, i + chunk->shift, second), conv->k);
    to += conv->k;
  }
}

INLINE void patches(const struct mlbench_tuned_pairs *params, const int8_t *input, int8_t *output,
                    void *scratch, int is_expanded) {
  const struct mlbench_tuned_conv2d *conv = params->conv;
  const int32_t k = conv->k;
  double *packed = scratch;
  double *doubles = packed + (uint32_t)(params->chunk + TILE - 1) / TILE * TILE * (uint32_t)k;
  int8_t *buffer = (int8_t *)(doubles + (is_expanded ? GROUP * k : 0));
  const double *rows[1] = {packed};
  struct mlbench_tuned_pairs_call call; /* by fields: zeroes for all of it would be a call */
  call.rows = rows;
  call.doubles = doubles;
  call.runs = 1;
  call.run = k * (int32_t)sizeof(double);
  call.pitch = k * (int32_t)sizeof(double);
  call.output_pitch = conv->channels;
  call.group_bytes = group_bytes(conv);
  for (int32_t first = 0; first < conv->positions; first += 2 * params->chunk) {
    const int32_t left = conv->positions - first;
    const int32_t count = left < 2 * params->chunk ? left : 2 * params->chunk;
    call.pairs = (count + 1) / 2;
    const struct mlbench_tuned_pairs_chunk chunk = {first, call.pairs, count - call.pairs};
    params->pack(params, input, &chunk, packed, buffer);
    begin(params, &call, output + first * conv->channels, chunk.shift * conv->channels);
    if (is_expanded) {
      mlbench_tuned_gemm_pairs_expanded(&call);
    } else {
      mlbench_tuned_gemm_pairs(&call);
    }
  }
}

void mlbench_tuned_conv2d_pairs_patches(const struct mlbench_tuned_pairs *params,
                                        const int8_t *input, int8_t *output, void *scratch) {
  patches(params, input, output, scratch, 0);
}

void mlbench_tuned_conv2d_pairs_expanded(const struct mlbench_tuned_pairs *params,
                                         const int8_t *input, int8_t *output, void *scratch) {
  patches(params, input, output, scratch, 1);
}

static __attribute__((noinline)) double *fill(double *to, const double *value, int32_t count) {
  for (double *end = to + count; to != end;) {
    *to++ = *value;
  }
  return to;
}

typedef double __attribute__((may_alias)) word;

/* The barrier keeps compilers from calling memcpy, whose loop goes byte by byte where it is small.
 */
INLINE void copy_words(double *to, const word *from, int32_t count) {
  for (; count > 0; --count) {
    *to++ = *from++;
    __asm__ volatile("" ::: "memory");
  }
}

/* Eight bytes of `value`. */
INLINE double bytes_of(int8_t value) {
  const uint32_t four = 0x01010101u * (uint8_t)value;
  const uint32_t eight[2] = {four, four};
  double all;
  memcpy(&all, eight, sizeof all);
  return all;
}

enum { MOST_ROWS = 16 };

/* Pixels of a packed row. */
INLINE int32_t reach(const struct mlbench_tuned_conv2d *conv) {
  return (conv->output_w - 1) * conv->stride_w + conv->filter_w;
}

/* A packed row of rows a and b of the image, with its padding. */
INLINE void pack_row(const struct mlbench_tuned_conv2d *conv, double *to, const int8_t *a,
                     const int8_t *b) {
  const double padding = pair((int8_t)conv->zero_point, (int8_t)conv->zero_point);
  const int32_t row = conv->input_w * conv->input_c;
  const int32_t left = conv->padding_w * conv->input_c;
  const int32_t right = reach(conv) * conv->input_c - left;
  const int32_t inside = right > row ? row : right;
  to = fill(to, &padding, left);
  pack(to, a, b, inside);
  fill(to + inside, &padding, right - inside);
}

/* The packed rows of a filter whose first one is `first`; of `count` places, row y is in y % count.
 */
static __attribute__((noinline)) void order(const double **rows, const double *packed,
                                            int32_t first, int32_t count, int32_t slot) {
  for (int32_t y = first; y < first + count; ++y) {
    *rows++ = packed + y % count * slot;
  }
}

void mlbench_tuned_conv2d_pairs_rows(const struct mlbench_tuned_pairs *params, const int8_t *input,
                                     int8_t *output, void *scratch) {
  const struct mlbench_tuned_conv2d *conv = params->conv;
  const int32_t c = conv->input_c;
  const int32_t row = conv->input_w * c;
  const int32_t half = (int32_t)((uint32_t)(conv->output_h + 1) / 2);
  const int32_t shift = conv->output_h - half;
  /* One more position may be computed, but is not stored. */
  const int32_t slot = (reach(conv) + conv->stride_w) * c;
  const int32_t words = (int32_t)((uint32_t)(row + 7) / 8);
  double *packed = scratch;
  double *nothing = packed + conv->filter_h * slot;
  double *copied = nothing + words;
  /* The rows from here on, as far as the first half reads them. */
  const int32_t kept = params->kept_words > 0 ? shift : conv->input_h;
  const double *rows[MOST_ROWS];
  struct mlbench_tuned_pairs_call call; /* by fields: zeroes for all of it would be a call */
  call.rows = rows;
  call.runs = conv->filter_h;
  call.run = conv->filter_w * c * (int32_t)sizeof(double);
  call.pitch = conv->stride_w * c * (int32_t)sizeof(double);
  call.output_pitch = conv->channels;
  call.group_bytes = group_bytes(conv);
  call.pairs = conv->output_w;
  const int32_t output_row = conv->output_w * conv->channels;
  const double eight = bytes_of((int8_t)conv->zero_point);
  fill(nothing, &eight, words);
  for (int32_t left = conv->positions; left > 0; left -= conv->output_w * conv->output_h) {
    int32_t made = 0;
    copy_words(copied, (const word *)(input + kept * row), params->kept_words);
    for (int32_t first = 0; first < half * conv->stride_h; first += conv->stride_h) {
      for (made = made < first ? first : made; made < first + conv->filter_h; ++made) {
        const int32_t ya = made - conv->padding_h;
        const int32_t yb = ya + shift * conv->stride_h;
        const int8_t *a = (const int8_t *)nothing, *b = a;
        if ((uint32_t)ya < (uint32_t)conv->input_h) {
          a = ya < kept ? input + ya * row : (const int8_t *)copied + (ya - kept) * row;
        }
        if ((uint32_t)yb < (uint32_t)conv->input_h) {
          b = input + yb * row;
        }
        pack_row(conv, packed + made % conv->filter_h * slot, a, b);
      }
      order(rows, packed, first, conv->filter_h, slot);
      begin(params, &call, output, shift * output_row);
      mlbench_tuned_gemm_pairs(&call);
      output += output_row;
    }
    input += conv->input_h * row;
    output += shift * output_row;
  }
}
