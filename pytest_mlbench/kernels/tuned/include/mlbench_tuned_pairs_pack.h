/* What conv2d_pairs.c and conv2d_pairs_tiles.c share: packing by any step, and what every call of
 * the matrix products is made of.
 */
#ifndef MLBENCH_TUNED_PAIRS_PACK_H
#define MLBENCH_TUNED_PAIRS_PACK_H

#include "mlbench_tuned.h"
#include "mlbench_tuned_pair.h"

#define INLINE static inline __attribute__((always_inline))

enum { GROUP = 4, CONSTANT_BYTES = 128, TILE = 6 };

/* What a call for all channels begins with. */
INLINE void begin(const struct mlbench_tuned_pairs *params, struct mlbench_tuned_pairs_call *call,
                  int8_t *a, int32_t shift) {
  call->stream = params->stream;
  call->channels = params->conv->channels;
  call->output_a = a;
  call->output_b = a + shift;
}

INLINE int32_t group_bytes(const struct mlbench_tuned_conv2d *conv) {
  return CONSTANT_BYTES + ((conv->k * GROUP + 7) & -8);
}

INLINE void four(double *to, const int8_t *a, const int8_t *b, const int32_t step) {
  to[0] = pair(a[0], b[0]);
  to[step] = pair(a[1], b[1]);
  to[2 * step] = pair(a[2], b[2]);
  to[3 * step] = pair(a[3], b[3]);
}

/* `count` pairs to every `step`th double. */
INLINE void pack_by(double *to, const int8_t *a, const int8_t *b, int32_t count,
                    const int32_t step) {
  const int8_t *end = a + count;
  for (const int8_t *eights = a + (count & -8); a != eights;) {
    four(to, a, b, step);
    four(to + 4 * step, a + 4, b + 4, step);
    to += 8 * step;
    a += 8;
    b += 8;
  }
  for (; a != end; to += step) {
    *to = pair(*a++, *b++);
  }
}

#endif
