/* CONV_2D on RV64: patches of eight positions are packed in pairs, a + b * 2^32, then multiplied by
 * gemm_rv64.S.
 *
 * Packing costs two loads, a shift, an addition and a store per pair of taps, spent once for all
 * output channels: 2.7 / channels instructions per MAC. A patch that reaches beyond the image is
 * gathered byte by byte first, with the input's zero point where there is none (see conv2d.c).
 */
#include <string.h>

#include "mlbench_tuned.h"
#include "mlbench_tuned_places.h"

enum { TILE = 8, PAIRS = TILE / 2 };

/* `count` taps of two positions to every fourth double word. */
static int64_t *pack(int64_t *to, const int8_t *a, const int8_t *b, int32_t count) {
  const int8_t *end = a + count;
  if (count >= 4) {
    do {
      to[0] = (int64_t)((uint64_t)b[0] << 32) + a[0];
      to[PAIRS] = (int64_t)((uint64_t)b[1] << 32) + a[1];
      to[2 * PAIRS] = (int64_t)((uint64_t)b[2] << 32) + a[2];
      to[3 * PAIRS] = (int64_t)((uint64_t)b[3] << 32) + a[3];
      to += 4 * PAIRS;
      a += 4;
      b += 4;
    } while (end - a >= 4);
  }
  for (; a != end; to += PAIRS) {
    *to = (int64_t)((uint64_t)*b++ << 32) + *a++;
  }
  return to;
}

static void multiply(const struct mlbench_tuned_gemm *gemm, const int64_t *packed, int8_t *spare,
                     int8_t *output, int32_t channels, int32_t count) {
  if (count == TILE && gemm->pitch == channels) {
    mlbench_tuned_gemm_8x4(gemm, packed, output);
    return;
  }
  mlbench_tuned_gemm_8x4(gemm, packed, spare);
  for (; count > 0; --count) {
    memcpy(output, spare, (uint32_t)channels);
    spare += gemm->pitch;
    output += channels;
  }
}

void mlbench_tuned_conv2d_rv64(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                               int8_t *output, void *scratch) {
  const int32_t k = params->gemm->weight_bytes / 4;
  int64_t *packed = scratch;
  int8_t *buffers = (int8_t *)(packed + PAIRS * k);
  int8_t *spare = buffers + 2 * k;
  const int32_t run = params->filter_w * params->input_c;
  struct place at = {input, 0, 0, -params->padding_w, -params->padding_h};
  /* Clear the part that is never packed: the padding of k, or everything if positions < TILE. */
  const int32_t filled = params->positions < TILE ? 0 : PAIRS * params->k;
  memset(packed + filled, 0, (uint32_t)(8 * (PAIRS * k - filled)));
  for (int32_t left = params->positions; left > 0; left -= TILE) {
    for (int32_t i = 0; i < PAIRS && 2 * i < left; ++i) {
      const int inside_a = inside(params, &at);
      const int8_t *a = patch(params, &at, buffers), *b = a;
      int inside_b = inside_a;
      advance(params, &at);
      if (2 * i + 1 < left) {
        inside_b = inside(params, &at);
        b = patch(params, &at, buffers + k);
        advance(params, &at);
      }
      if (inside_a != inside_b || !inside_a) {
        /* Gathered ones are one run: bring the other one beside it. */
        if (inside_a) {
          mlbench_tuned_gather_rows(buffers, a, params->filter_h, params->row, run);
          a = buffers;
        }
        if (inside_b) {
          mlbench_tuned_gather_rows(buffers + k, b, params->filter_h, params->row, run);
          b = buffers + k;
        }
        pack(packed + i, a, b, params->k);
        continue;
      }
      int64_t *to = packed + i;
      for (int32_t ky = params->filter_h; ky > 0; --ky, a += params->row, b += params->row) {
        to = pack(to, a, b, run);
      }
    }
    multiply(params->gemm, packed, spare, output, params->channels, left < TILE ? left : TILE);
    output += TILE * params->channels;
  }
}
