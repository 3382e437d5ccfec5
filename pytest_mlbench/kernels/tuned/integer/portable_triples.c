/* gemm_triples.S in C: see mlbench_tuned_portable.h. */
#include "mlbench_tuned.h"
#include "mlbench_tuned_portable.h"

#if !defined(__riscv)

enum { FIELD = 21 };

static int8_t output_of(const struct mlbench_tuned_gemm *p, const int8_t *constants, int32_t c,
                        uint64_t field) {
  const int64_t above = 1 << (FIELD - 1);
  const int64_t multiplier = (int64_t)word_at(constants + 4 * c) * (1 << constants[36 + c]);
  int64_t product = (int64_t)field * multiplier - above * multiplier;
  if (p->is_signed && product < 0) {
    product += constants[40 + c] * ((int64_t)1 << 32);
  }
  product += word_at(constants + 16 + 4 * c) * ((int64_t)1 << 32);
  const int64_t value = product >> (32 + constants[32 + c]);
  return (int8_t)(p->low + (int32_t)(value < 0 ? 0 : value > p->range ? p->range : value));
}

void mlbench_tuned_gemm_9x4(const struct mlbench_tuned_gemm *p, const int64_t *packed,
                            int8_t *output) {
  const int8_t *stream = p->stream;
  const int32_t k = p->weight_bytes / 4;
  const uint64_t one = 1, field = (one << FIELD) - 1;
  int32_t advance;
  do {
    const int8_t *weights = stream + 16;
    const int8_t *constants = weights + p->weight_bytes;
    for (int32_t c = 0; c < 4; ++c) {
      const uint64_t bias = (uint64_t)(int64_t)word_at(stream + 4 * c);
      for (int32_t i = 0; i < 3; ++i) {
        uint64_t sum = bias * (1 + (one << FIELD) + (one << 2 * FIELD));
        for (int32_t at = 0; at < k; ++at) {
          sum += (uint64_t)weights[4 * at + c] * (uint64_t)packed[3 * at + i];
        }
        int8_t *to = output + 3 * i * p->pitch + c;
        to[0] = output_of(p, constants, c, sum & field);
        to[p->pitch] = output_of(p, constants, c, sum >> FIELD & field);
        to[2 * p->pitch] = output_of(p, constants, c, sum >> 2 * FIELD);
      }
    }
    advance = word_at(constants + 44);
    output += advance;
    stream = constants + 48;
  } while (advance != 0);
}

#endif
