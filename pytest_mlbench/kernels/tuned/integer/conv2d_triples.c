/* CONV_2D on RV64 for accumulators of 21 bits: patches of nine positions are packed in triples,
 * a + b * 2^21 + c * 2^42, then multiplied by gemm_triples.S.
 *
 * Packing costs three loads, two shifts, two additions and a store per triple of taps, spent once
 * for all output channels: 2.9 / channels instructions per MAC. A patch that reaches beyond the
 * image is gathered byte by byte first, with the input's zero point where there is none (see
 * conv2d.c).
 */
#include <string.h>

#include "mlbench_tuned.h"
#include "mlbench_tuned_places.h"

enum { TILE = 9, FIELDS = 3, TRIPLES = TILE / FIELDS };

#define INLINE static inline __attribute__((always_inline))

INLINE int64_t triple(int8_t a, int8_t b, int8_t c) {
  return (int64_t)(((uint64_t)c << 42) + ((uint64_t)b << 21) + (uint64_t)a);
}

/* `count` taps of three positions to every third double word. */
static int64_t *pack(int64_t *to, const int8_t *a, const int8_t *b, const int8_t *c,
                     int32_t count) {
  const int8_t *end = a + count;
  if (count >= 4) {
    do {
      to[0] = triple(a[0], b[0], c[0]);
      to[TRIPLES] = triple(a[1], b[1], c[1]);
      to[2 * TRIPLES] = triple(a[2], b[2], c[2]);
      to[3 * TRIPLES] = triple(a[3], b[3], c[3]);
      to += 4 * TRIPLES;
      a += 4;
      b += 4;
      c += 4;
    } while (end - a >= 4);
  }
  for (; a != end; to += TRIPLES) {
    *to = triple(*a++, *b++, *c++);
  }
  return to;
}

static void multiply(const struct mlbench_tuned_gemm *gemm, const int64_t *packed, int8_t *spare,
                     int8_t *output, int32_t channels, int32_t count) {
  if (count == TILE && gemm->pitch == channels) {
    mlbench_tuned_gemm_9x4(gemm, packed, output);
    return;
  }
  mlbench_tuned_gemm_9x4(gemm, packed, spare);
  for (; count > 0; --count) {
    memcpy(output, spare, (uint32_t)channels);
    spare += gemm->pitch;
    output += channels;
  }
}

void mlbench_tuned_conv2d_triples(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                  int8_t *output, void *scratch) {
  const struct mlbench_tuned_gemm *gemm = params->gemm;
  const int32_t k = gemm->weight_bytes / 4;
  const int32_t run = params->filter_w * params->input_c;
  int64_t *packed = scratch;
  int8_t *spare = (int8_t *)(packed + TRIPLES * k);
  int8_t *buffers = spare + TILE * gemm->pitch;
  struct place at = {input, 0, 0, -params->padding_w, -params->padding_h};
  /* Clear the part that is never packed: the padding of k, or everything if positions < TILE. */
  const int32_t filled = params->positions < TILE ? 0 : TRIPLES * params->k;
  memset(packed + filled, 0, (uint32_t)(8 * (TRIPLES * k - filled)));
  for (int32_t left = params->positions; left > 0; left -= TILE) {
    for (int32_t i = 0; i < TRIPLES && FIELDS * i < left; ++i) {
      const int32_t count = left - FIELDS * i < FIELDS ? left - FIELDS * i : FIELDS;
      const int8_t *from[FIELDS];
      int32_t insiders = 0;
      for (int32_t j = 0; j < count; ++j) {
        insiders += inside(params, &at);
        from[j] = patch(params, &at, buffers + j * k);
        advance(params, &at);
      }
      int32_t rows = params->filter_h, taps = run;
      if (insiders != count) {
        /* Gathered ones are one run: bring the others beside them. */
        for (int32_t j = 0; j < count; ++j) {
          int8_t *buffer = buffers + j * k;
          if (from[j] != buffer) {
            mlbench_tuned_gather_rows(buffer, from[j], rows, params->row, run);
            from[j] = buffer;
          }
        }
        rows = 1;
        taps = params->k;
      }
      /* Beyond the last position: the last one again, of which nothing is stored. */
      for (int32_t j = count; j < FIELDS; ++j) {
        from[j] = from[j - 1];
      }
      int64_t *to = packed + i;
      for (; rows > 0; --rows) {
        to = pack(to, from[0], from[1], from[2], taps);
        from[0] += params->row;
        from[1] += params->row;
        from[2] += params->row;
      }
    }
    multiply(gemm, packed, spare, output, params->channels, left < TILE ? left : TILE);
    output += TILE * params->channels;
  }
}
