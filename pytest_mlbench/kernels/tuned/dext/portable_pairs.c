/* The assembly kernels that hold two activations in one double, in C: see mlbench_tuned_portable.h.
 */
#include "mlbench_tuned.h"

#if !defined(__riscv)

#include <math.h>
#include <string.h>

/* gemm_pairs.S */
static int8_t converted(double sum, const double *constants) {
  const double v = fma(sum, constants[4], constants[8] + copysign(constants[12], sum));
  return (int8_t)fmin(fmax(floor(v / 0x1p24), -128), 127);
}

static void gemm_pairs(struct mlbench_tuned_pairs_call *call, int expanded) {
  const int32_t pitch = call->pitch / 8, run = call->run / 8;
  for (;;) {
    const double *constants = call->stream;
    const int8_t *weights = (const int8_t *)(constants + 16);
    for (int32_t i = 0; i < call->pairs; ++i) {
      for (int32_t c = 0; c < 4; ++c) {
        double sum = constants[c];
        for (int32_t k = 0; k < call->runs * run; ++k) {
          const double x = expanded ? call->rows[0][(i / 6 * run + k) * 6 + i % 6]
                                    : call->rows[k / run][i * pitch + k % run];
          sum = fma(x, weights[4 * k + c], sum);
        }
        const double b = (sum + 0x1.8p75) - 0x1.8p75;
        call->output_a[i * call->output_pitch + c] = converted(sum - b, constants + c);
        call->output_b[i * call->output_pitch + c] = converted(b * 0x1p-23, constants + c);
      }
    }
    call->channels -= 4;
    if (call->channels <= 0) {
      return;
    }
    const int32_t next = call->channels < 4 ? call->channels : 4;
    call->output_a += next;
    call->output_b += next;
    call->stream = (const int8_t *)call->stream + call->group_bytes;
  }
}

void mlbench_tuned_gemm_pairs(struct mlbench_tuned_pairs_call *call) { gemm_pairs(call, 0); }

void mlbench_tuned_gemm_pairs_expanded(struct mlbench_tuned_pairs_call *call) {
  gemm_pairs(call, 1);
}

/* depthwise_3x3_pairs.S */
static void depthwise_pairs(const struct mlbench_tuned_depthwise_pairs_call *call, int32_t stride,
                            int32_t columns) {
  const int32_t c = call->channels;
  const int32_t last = (int32_t)(call->stop - call->second_a) / call->row + 1;
  for (int32_t channel = 0; channel < c; ++channel) {
    const int8_t *weights = (const int8_t *)call->stream + 32 * channel;
    int32_t start;
    memcpy(&start, weights + 12, sizeof start);
    double constants[13] = {start * (1 + 0x1p23)};
    memcpy(constants + 4, weights + 16, 8);
    memcpy(constants + 8, weights + 24, 8);
    constants[12] = call->away[channel * (call->away_step / 8)];
    for (int32_t y = 0; y < (stride == 1 ? last - 1 : last / 2); ++y) {
      for (int32_t x = 0; x < columns; ++x) {
        double sum = constants[0];
        for (int32_t tap = 0; tap < 9; ++tap) {
          const int32_t row = y * stride + tap / 3, column = x * stride + tap % 3 - 1;
          if (column < 0 && !(call->open & 1)) {
            sum = fma(call->left, weights[tap], sum);
          } else if (column > (columns - 1) * stride && !(call->open & 2)) {
            sum = fma(call->right, weights[tap], sum);
          } else {
            const int32_t at = (row - 1) * call->row;
            const int8_t *a = row == 0      ? call->first_a
                              : row == last ? call->last_a
                                            : call->second_a + at;
            const int8_t *b = row == 0      ? call->first_b
                              : row == last ? call->last_b
                                            : call->second_b + at;
            sum =
                fma(a[column * c + channel] + 0x1p23 * b[column * c + channel], weights[tap], sum);
          }
        }
        const double b = (sum + 0x1.8p75) - 0x1.8p75;
        const int32_t at = y * call->output_row + x * c + channel;
        call->output_a[at] = converted(sum - b, constants);
        call->output_b[at] = converted(b * 0x1p-23, constants);
      }
    }
  }
}

#define DEPTHWISE(name, stride, columns)                       \
  void mlbench_tuned_depthwise_pairs_##name(                   \
      const struct mlbench_tuned_depthwise_pairs_call *call) { \
    depthwise_pairs(call, stride, columns);                    \
  }
DEPTHWISE(w1, 1, 1)
DEPTHWISE(w2, 1, 2)
DEPTHWISE(w3, 1, 3)
DEPTHWISE(w4, 1, 4)
DEPTHWISE(w5, 1, 5)
DEPTHWISE(s2_w1, 2, 1)
DEPTHWISE(s2_w2, 2, 2)
DEPTHWISE(s2_w3, 2, 3)
DEPTHWISE(s2_w4, 2, 4)
DEPTHWISE(s2_w5, 2, 5)

#endif
