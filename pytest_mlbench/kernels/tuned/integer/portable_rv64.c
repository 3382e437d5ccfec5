/* gemm_rv64.S in C: see mlbench_tuned_portable.h. */
#include "mlbench_tuned.h"
#include "mlbench_tuned_portable.h"

#if !defined(__riscv)

static int8_t output_of(const struct mlbench_tuned_gemm *p, const int8_t *constants, int32_t c,
                        uint64_t field, int32_t bits) {
  const uint64_t multiplier = (uint64_t)word_at(constants + 4 * c) << constants[36 + c];
  int64_t product = (int64_t)((field - ((uint64_t)1 << (bits - 1))) * multiplier);
  if (p->is_signed && product < 0) {
    product += constants[40 + c] * ((int64_t)1 << 32);
  }
  const uint64_t addend = (uint64_t)word_at(constants + 16 + 4 * c) << 32;
  const int64_t value = (int64_t)((uint64_t)product + addend) >> (32 + constants[32 + c]);
  return (int8_t)(p->low + (int32_t)(value < 0 ? 0 : value > p->range ? p->range : value));
}

void mlbench_tuned_gemm_rv64(const struct mlbench_tuned_gemm *p, const int64_t *packed,
                             int8_t *output, int32_t fields) {
  const int8_t *stream = p->stream;
  const int32_t k = p->weight_bytes / 4, bits = fields == 2 ? 32 : 21;
  const uint64_t one = 1, field = (one << bits) - 1;
  const uint64_t ones = 1 + (one << bits) + (fields == 3 ? one << 2 * bits : 0);
  int32_t advance;
  do {
    const int8_t *weights = stream + 16;
    const int8_t *constants = weights + p->weight_bytes;
    for (int32_t c = 0; c < 4; ++c) {
      const uint64_t bias = (uint64_t)(int64_t)word_at(stream + 4 * c) + (one << (bits - 1));
      int8_t *to = output + c;
      for (int32_t i = 0; i < 3; ++i) {
        uint64_t sum = bias * ones;
        for (int32_t at = 0; at < k; ++at) {
          sum += (uint64_t)weights[4 * at + c] * (uint64_t)packed[3 * at + i];
        }
        for (int32_t j = 0; j < fields; ++j, to += p->pitch) {
          *to = output_of(p, constants, c, sum >> j * bits & field, bits);
        }
      }
    }
    advance = word_at(constants + 44);
    output += advance;
    stream = constants + 48;
  } while (advance != 0);
}

#endif
