/* gemm_rv64.S in C: see mlbench_tuned_portable.h. */
#include "mlbench_tuned.h"
#include "mlbench_tuned_portable.h"

#if !defined(__riscv)

static int8_t output_of(const struct mlbench_tuned_gemm *p, const int8_t *constants, int32_t c,
                        int64_t acc) {
  int32_t t = high(acc * (1 << constants[36 + c]), word_at(constants + 4 * c));
  if (p->is_signed) {
    t += constants[40 + c] & (t >> 31);
  }
  t = (t + word_at(constants + 16 + 4 * c)) >> constants[32 + c];
  return (int8_t)(p->low + clamped(t, 0, p->range));
}

void mlbench_tuned_gemm_8x4(const struct mlbench_tuned_gemm *p, const int64_t *packed,
                            int8_t *output) {
  const int8_t *stream = p->stream;
  const int32_t k = p->weight_bytes / 4;
  int32_t advance;
  do {
    const int8_t *weights = stream + 16;
    const int8_t *constants = weights + p->weight_bytes;
    for (int32_t c = 0; c < 4; ++c) {
      const uint64_t bias = (uint64_t)(int64_t)word_at(stream + 4 * c);
      for (int32_t i = 0; i < 4; ++i) {
        uint64_t sum = bias + (bias << 32);
        for (int32_t at = 0; at < k; ++at) {
          sum += (uint64_t)weights[4 * at + c] * (uint64_t)packed[4 * at + i];
        }
        const int32_t a = (int32_t)(uint32_t)sum;
        const int32_t b = (int32_t)((int64_t)(sum - (uint64_t)(int64_t)a) >> 32);
        output[2 * i * p->pitch + c] = output_of(p, constants, c, a);
        output[(2 * i + 1) * p->pitch + c] = output_of(p, constants, c, b);
      }
    }
    advance = word_at(constants + 44);
    output += advance;
    stream = constants + 48;
  } while (advance != 0);
}

#endif
