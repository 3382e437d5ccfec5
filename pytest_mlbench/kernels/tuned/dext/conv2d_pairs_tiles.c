/* Packing for gemm_pairs_expanded.S: six pairs side by side, tap by tap. See conv2d_pairs.c. */
#include "mlbench_tuned.h"
#include "mlbench_tuned_pairs_pack.h"

/* For tiles: the taps of six pairs side by side. */
static __attribute__((noinline)) void pack_tiled(double *to, const int8_t *a, const int8_t *b,
                                                 int32_t count) {
  pack_by(to, a, b, count, TILE);
}

/* The same for `rows` runs of `count` taps, which are few, `pitch` bytes apart: fours down the
 * rows. */
static __attribute__((noinline)) void pack_rows_tiled(double *to, const int8_t *a, const int8_t *b,
                                                      int32_t count, int32_t rows, int32_t pitch) {
  if (rows == 1) {
    pack_tiled(to, a, b, count);
    return;
  }
  const int32_t next = count * TILE;
  for (; count > 0; count -= 4) {
    double *at = to;
    const int8_t *from_a = a, *from_b = b;
    for (int32_t left = rows; left > 0; --left) {
      if (count >= 4) {
        four(at, from_a, from_b, TILE);
      } else {
        pack_by(at, from_a, from_b, count, TILE);
      }
      at += next;
      from_a += pitch;
      from_b += pitch;
    }
    to += 4 * TILE;
    a += 4;
    b += 4;
  }
}

/* Where the next pair goes in tiles of six; `in_tile` is how many are in the tile. */
INLINE double *next_slot(double *at, int32_t *in_tile, int32_t k) {
  if (++*in_tile == TILE) {
    *in_tile = 0;
    at += TILE * (k - 1);
  }
  return at + 1;
}

void mlbench_tuned_pairs_tile_pixels(const struct mlbench_tuned_pairs *params, const int8_t *input,
                                     const struct mlbench_tuned_pairs_chunk *chunk, double *to,
                                     int8_t *scratch) {
  (void)scratch;
  const int32_t k = params->conv->k;
  input += chunk->first * k;
  int32_t in_tile = 0;
  for (int32_t left = chunk->pairs; left > 0; --left) {
    pack_tiled(to, input, input + chunk->shift * k, k);
    to = next_slot(to, &in_tile, k);
    input += k;
  }
}

/* Where the patch of output position `at` begins in images with their padding. */
static __attribute__((noinline)) const int8_t *place(const struct mlbench_tuned_pairs *params,
                                                     const int8_t *padded, int32_t at) {
  const struct mlbench_tuned_conv2d *conv = params->conv, *image = params->image;
  const int32_t x = at % conv->output_w * conv->stride_w;
  at /= conv->output_w;
  const int32_t y = at % conv->output_h * conv->stride_h;
  at /= conv->output_h;
  return padded + ((at * image->filter_h + y) * image->filter_w + x) * conv->input_c;
}

void mlbench_tuned_pairs_tile_padded(const struct mlbench_tuned_pairs *params, const int8_t *input,
                                     const struct mlbench_tuned_pairs_chunk *chunk, double *to,
                                     int8_t *scratch) {
  const struct mlbench_tuned_conv2d *conv = params->conv, *image = params->image;
  const int32_t width = conv->dilation_w == 1 ? conv->filter_w : 1; /* pixels of a run */
  const int32_t pitch = conv->dilation_h * image->filter_w * conv->input_c;
  const int32_t next = conv->dilation_w * conv->input_c;
  const int32_t run = width * conv->input_c;
  int8_t *padded = scratch;
  int32_t left = chunk->first == 0 ? conv->positions : 0;
  for (; left > 0; left -= conv->output_w * conv->output_h) {
    mlbench_tuned_gather(image, input, -conv->padding_h, -conv->padding_w, padded);
    input += conv->input_h * conv->input_w * conv->input_c;
    padded += image->k;
  }
  int32_t in_tile = 0;
  for (int32_t i = chunk->first; i < chunk->first + chunk->pairs; ++i) {
    const int8_t *a = place(params, scratch, i);
    const int8_t *b = place(params, scratch, chunk->shift + i);
    double *at = to;
    for (int32_t kx = 0; kx < conv->filter_w; kx += width) {
      pack_rows_tiled(at, a, b, run, conv->filter_h, pitch);
      at += run * conv->filter_h * TILE;
      a += next;
      b += next;
    }
    to = next_slot(to, &in_tile, conv->k);
  }
}
