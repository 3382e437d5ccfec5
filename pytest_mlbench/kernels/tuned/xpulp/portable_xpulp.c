/* xpulp_gemm.S, xpulp_depthwise.S and xpulp_add.S in C: the same streams, the same results, on any
 * machine. For tests on the host. */
#include "mlbench_tuned.h"

#if !defined(__riscv)

static int8_t requantised(int32_t acc, int32_t left_shift, int32_t multiplier, int32_t sign,
                          int32_t offset, int32_t shift, int32_t range, int32_t low) {
  const int32_t scaled = (int32_t)((uint32_t)acc << left_shift);
  int32_t t = (int32_t)(((int64_t)scaled * multiplier) >> 32);
  t += t < 0 ? sign : 0;
  t = (t + offset) >> shift;
  t = t < 0 ? 0 : t > range ? range : t;
  return (int8_t)(t + low);
}

static int32_t clamped(int32_t acc, int32_t most) { return acc < 0 ? 0 : acc > most ? most : acc; }

static int8_t by_two_products(int32_t acc, int32_t most, int32_t upper, int32_t lower,
                              int32_t offset, int32_t bits) {
  const int32_t a = clamped(acc, most);
  const uint32_t part = (uint32_t)a * (uint32_t)lower >> bits;
  return (int8_t)((int32_t)(part + (uint32_t)a * (uint32_t)upper + (uint32_t)offset) >> 23);
}

/* Channel c's output, by its group's constants. */
static int8_t requantised_by(const struct mlbench_tuned_gemm *params, int32_t bits,
                             const uint8_t *constants, int32_t c, int32_t acc) {
  const int32_t *words = (const int32_t *)(const void *)constants;
  if (bits != 0) {
    const uint16_t *lower = (const uint16_t *)(const void *)(constants + 48);
    int32_t offset = words[8 + c];
    if (bits < 0 && clamped(acc, words[c]) < words[14 + c]) {
      offset = (int32_t)((uint32_t)offset + (uint32_t)words[18 + c]);
    }
    return by_two_products(acc, words[c], words[4 + c], lower[c], offset, bits & 31);
  }
  return requantised(acc, constants[36 + c], words[c], (int8_t)constants[40 + c], words[4 + c],
                     constants[32 + c], params->range, params->low);
}

static const uint8_t *group(const struct mlbench_tuned_gemm *params, int32_t bits,
                            const uint8_t *stream, const int8_t *const *rows, int32_t positions,
                            int8_t *output, int32_t *advance) {
  const int32_t *start = (const int32_t *)(const void *)stream;
  const int8_t *weights = (const int8_t *)(stream + 16);
  const uint8_t *constants = stream + 16 + params->weight_bytes;
  for (int32_t p = 0; p < positions; ++p) {
    for (int32_t c = 0; c < 4; ++c) {
      int32_t acc = start[c];
      for (int32_t k = 0; k < params->weight_bytes / 4; ++k) {
        acc += weights[k / 4 * 16 + c * 4 + k % 4] * rows[p][k];
      }
      output[p * params->pitch + c] = requantised_by(params, bits, constants, c, acc);
    }
  }
  const uint8_t *end = constants + (bits < 0 ? 92 : bits != 0 ? 60 : 48);
  *advance = *(const int32_t *)(const void *)(end - 4);
  return end;
}

static void gemm(const struct mlbench_tuned_gemm *params, const int8_t *const *rows,
                 int32_t positions, int8_t *output) {
  const int32_t bits = *(const int32_t *)params->stream;
  const uint8_t *stream = (const uint8_t *)params->stream + 4;
  int32_t advance = 0;
  do {
    stream = group(params, bits, stream, rows, positions, output, &advance);
    output += advance;
  } while (advance != 0);
}

void mlbench_tuned_xpulp_gemm_4x4(const struct mlbench_tuned_gemm *params,
                                  const int8_t *const *rows, int8_t *output) {
  gemm(params, rows, 4, output);
}

void mlbench_tuned_xpulp_gemm_1x4(const struct mlbench_tuned_gemm *params, const int8_t *row,
                                  int8_t *output) {
  gemm(params, &row, 1, output);
}

void mlbench_tuned_xpulp_plane(const struct mlbench_tuned_xpulp_depthwise *params,
                               const int8_t *input, int8_t *plane) {
  for (int32_t line = 0; line < params->input_lines; ++line) {
    for (int32_t i = 0; i < params->input_run; ++i) {
      plane[i] = input[line * params->input_line + i * params->input_step];
    }
    plane += params->pitch;
  }
}

static void lines(const struct mlbench_tuned_xpulp_depthwise *params, const int8_t *plane,
                  int8_t *output, const int32_t *constants, int32_t stride) {
  const int8_t *taps = (const int8_t *)constants;
  const int32_t outputs = params->blocks * (4 / stride) + params->rest;
  for (int32_t line = 0; line < params->lines; ++line) {
    for (int32_t i = 0; i < outputs; ++i) {
      int32_t acc = constants[3];
      for (int32_t ky = 0; ky < 3; ++ky) {
        for (int32_t kx = 0; kx < 3; ++kx) {
          acc += taps[4 * ky + kx] * plane[ky * params->pitch + i * stride + kx];
        }
      }
      *output = constants[7] < 0
                    ? by_two_products(acc, constants[8], constants[4], constants[6], constants[5],
                                      constants[7] + 32)
                    : requantised(acc, constants[7], constants[4], constants[6], constants[5],
                                  constants[8], params->range, params->low);
      output += params->output_step;
    }
    plane += 4 * (params->blocks + (params->rest != 0)) + params->line_step;
    output += params->output_line;
  }
}

void mlbench_tuned_xpulp_lines(const struct mlbench_tuned_xpulp_depthwise *params,
                               const int8_t *plane, int8_t *output, const int32_t *constants) {
  lines(params, plane, output, constants, 1);
}

void mlbench_tuned_xpulp_lines_s2(const struct mlbench_tuned_xpulp_depthwise *params,
                                  const int8_t *plane, int8_t *output, const int32_t *constants) {
  lines(params, plane, output, constants, 2);
}

void mlbench_tuned_xpulp_add(const struct mlbench_tuned_add_line *params, const int8_t *left,
                             const int8_t *right, int8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    const int32_t t =
        (left[i] * params->left + right[i] * params->right + params->offset) >> params->shift;
    output[i] = (int8_t)((t < 0 ? 0 : t > params->range ? params->range : t) + params->low);
  }
}

#endif
