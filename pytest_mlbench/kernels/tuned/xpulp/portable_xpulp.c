/* xpulp_gemm.S in C: the same streams, the same results, on any machine. For tests on the host. */
#include "mlbench_tuned.h"

#if !defined(__riscv)

static const uint8_t *group(const struct mlbench_tuned_gemm *params, const uint8_t *stream,
                            const int8_t *const *rows, int32_t positions, int8_t *output,
                            int32_t *advance) {
  const int32_t *bias = (const int32_t *)(const void *)stream;
  const int8_t *weights = (const int8_t *)(stream + 16);
  const uint8_t *rest = stream + 16 + params->weight_bytes;
  const int32_t *multiplier = (const int32_t *)(const void *)rest;
  const int32_t *add = multiplier + 4;
  const uint8_t *shift = rest + 32;
  const uint8_t *pre = rest + 36;
  const int8_t *sign = (const int8_t *)(rest + 40);
  for (int32_t p = 0; p < positions; ++p) {
    for (int32_t c = 0; c < 4; ++c) {
      int32_t acc = bias[c];
      for (int32_t k = 0; k < params->weight_bytes / 4; ++k) {
        acc += weights[k / 4 * 16 + c * 4 + k % 4] * rows[p][k];
      }
      const int32_t scaled = (int32_t)((uint32_t)acc << pre[c]);
      int32_t t = (int32_t)(((int64_t)scaled * multiplier[c]) >> 32);
      t += t < 0 ? sign[c] : 0;
      t = (t + add[c]) >> shift[c];
      t = t < 0 ? 0 : t > params->range ? params->range : t;
      output[p * params->pitch + c] = (int8_t)(t + params->low);
    }
  }
  *advance = *(const int32_t *)(const void *)(rest + 44);
  return rest + 48;
}

void mlbench_tuned_xpulp_gemm_4x4(const struct mlbench_tuned_gemm *params,
                                  const int8_t *const *rows, int8_t *output) {
  const uint8_t *stream = params->stream;
  int32_t advance = 0;
  do {
    stream = group(params, stream, rows, 4, output, &advance);
    output += advance;
  } while (advance != 0);
}

void mlbench_tuned_xpulp_gemm_1x4(const struct mlbench_tuned_gemm *params, const int8_t *row,
                                  int8_t *output) {
  const uint8_t *stream = params->stream;
  int32_t advance = 0;
  do {
    stream = group(params, stream, &row, 1, output, &advance);
    output += advance;
  } while (advance != 0);
}

#endif
