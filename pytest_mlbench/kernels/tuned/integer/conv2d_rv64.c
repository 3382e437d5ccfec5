/* CONV_2D on RV64: patches of six positions are packed in pairs, a + b * 2^32, or of nine in
 * triples, a + b * 2^21 + c * 2^42, then multiplied by gemm_rv64.S.
 *
 * Packing costs a load per tap, a shift and an addition for all but the first of a word, and a
 * store: 2.7 / channels instructions per MAC in pairs, 2.9 in triples. A patch that reaches beyond
 * the image is gathered byte by byte first, with the input's zero point where there is none (see
 * conv2d.c).
 */
#include <string.h>

#include "mlbench_tuned.h"

enum { WORDS = 3, MOST_FIELDS = 3 };

#define INLINE static inline __attribute__((always_inline))

/* One activation of each of `fields` positions. */
INLINE int64_t word_of(int8_t a, int8_t b, int8_t c, int32_t fields) {
  if (fields == 2) {
    return (int64_t)(((uint64_t)b << 32) + (uint64_t)a);
  }
  return (int64_t)(((uint64_t)c << 42) + ((uint64_t)b << 21) + (uint64_t)a);
}

/* `count` taps of some positions to every third double word. */
INLINE int64_t *pack(int64_t *to, const int8_t *const *from, int32_t count, int32_t fields) {
  const int8_t *a = from[0], *b = from[1], *c = from[fields - 1];
  const int8_t *end = a + count;
  while (end - a >= 4) {
    to[0] = word_of(a[0], b[0], c[0], fields);
    to[WORDS] = word_of(a[1], b[1], c[1], fields);
    to[2 * WORDS] = word_of(a[2], b[2], c[2], fields);
    to[3 * WORDS] = word_of(a[3], b[3], c[3], fields);
    to += 4 * WORDS;
    a += 4;
    b += 4;
    c += 4;
  }
  for (; a != end; to += WORDS) {
    *to = word_of(*a++, *b++, *c++, fields);
  }
  return to;
}

#define NOINLINE static __attribute__((noinline))

NOINLINE int64_t *pack_pairs(int64_t *to, const int8_t *const *from, int32_t count) {
  return pack(to, from, count, 2);
}

NOINLINE int64_t *pack_triples(int64_t *to, const int8_t *const *from, int32_t count) {
  return pack(to, from, count, 3);
}

/* A position of the output, as its patch's first tap. */
struct place {
  const int8_t *image;
  int32_t ox, oy, x, y;
};

static void advance(const struct mlbench_tuned_conv2d *p, struct place *at) {
  at->x += p->stride_w;
  if (++at->ox == p->output_w) {
    at->ox = 0;
    at->x = -p->padding_w;
    at->y += p->stride_h;
    if (++at->oy == p->output_h) {
      at->oy = 0;
      at->y = -p->padding_h;
      at->image += p->input_h * p->input_w * p->input_c;
    }
  }
}

static int inside(const struct mlbench_tuned_conv2d *p, const struct place *at) {
  return (uint32_t)at->x < p->inside_w && (uint32_t)at->y < p->inside_h;
}

/* Where the patch is: in the image, or gathered. */
static const int8_t *patch(const struct mlbench_tuned_conv2d *p, const struct place *at,
                           int8_t *buffer) {
  if (inside(p, at)) {
    return at->image + (at->y * p->input_w + at->x) * p->input_c;
  }
  mlbench_tuned_gather(p, at->image, at->y, at->x, buffer);
  return buffer;
}

INLINE void multiply(const struct mlbench_tuned_gemm *gemm, const int64_t *packed, int8_t *spare,
                     int8_t *output, int32_t channels, int32_t count, int32_t fields) {
  if (count >= WORDS * fields && gemm->pitch == channels) {
    mlbench_tuned_gemm_rv64(gemm, packed, output, fields);
    return;
  }
  mlbench_tuned_gemm_rv64(gemm, packed, spare, fields);
  count = count < WORDS * fields ? count : WORDS * fields;
  for (; count > 0; --count) {
    memcpy(output, spare, (uint32_t)channels);
    spare += gemm->pitch;
    output += channels;
  }
}

INLINE void conv2d(const struct mlbench_tuned_conv2d *params, const int8_t *input, int8_t *output,
                   void *scratch, int32_t fields) {
  const struct mlbench_tuned_gemm *gemm = params->gemm;
  const int32_t k = gemm->weight_bytes / 4, tile = WORDS * fields;
  const int32_t run = params->filter_w * params->input_c;
  int64_t *packed = scratch;
  int8_t *spare = (int8_t *)(packed + WORDS * k);
  /* Patches are gathered by words. */
  int8_t *buffers = spare + ((tile * gemm->pitch + 3) & -4);
  struct place at = {input, 0, 0, -params->padding_w, -params->padding_h};
  /* Clear the part that is never packed: the padding of k, or everything if it is not all filled.
   */
  const int32_t filled = params->positions < tile ? 0 : WORDS * params->k;
  memset(packed + filled, 0, (uint32_t)(8 * (WORDS * k - filled)));
  for (int32_t left = params->positions; left > 0; left -= tile) {
    for (int32_t i = 0; i < WORDS && fields * i < left; ++i) {
      const int32_t count = left - fields * i < fields ? left - fields * i : fields;
      const int8_t *from[MOST_FIELDS];
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
      for (int32_t j = count; j < fields; ++j) {
        from[j] = from[j - 1];
      }
      int64_t *to = packed + i;
      for (; rows > 0; --rows) {
        to = fields == 2 ? pack_pairs(to, from, taps) : pack_triples(to, from, taps);
        for (int32_t j = 0; j < fields; ++j) {
          from[j] += params->row;
        }
      }
    }
    multiply(gemm, packed, spare, output, params->channels, left, fields);
    output += tile * params->channels;
  }
}

void mlbench_tuned_conv2d_rv64_pairs(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                     int8_t *output, void *scratch) {
  conv2d(params, input, output, scratch, 2);
}

void mlbench_tuned_conv2d_rv64_triples(const struct mlbench_tuned_conv2d *params,
                                       const int8_t *input, int8_t *output, void *scratch) {
  conv2d(params, input, output, scratch, 3);
}
