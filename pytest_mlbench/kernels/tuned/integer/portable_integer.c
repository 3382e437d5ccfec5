/* The integer assembly kernels in C: see mlbench_tuned_portable.h. */
#include "mlbench_tuned.h"
#include "mlbench_tuned_portable.h"

#if !defined(__riscv)

/* gemm_5x4.S */
static void gemm(const struct mlbench_tuned_gemm *p, const int8_t *packed, int8_t *output,
                 int32_t positions) {
  const int8_t *stream = p->stream;
  const int32_t k = p->weight_bytes / 4;
  int32_t advance;
  do {
    const int8_t *weights = stream + 16;
    const int8_t *constants = weights + p->weight_bytes;
    for (int32_t c = 0; c < 4; ++c) {
      for (int32_t i = 0; i < positions; ++i) {
        int32_t acc = word_at(stream + 4 * c);
        for (int32_t at = 0; at < k; ++at) {
          acc += weights[4 * at + c] * packed[(at / 4 * 5 + i) * 4 + at % 4];
        }
        int32_t t = high((int64_t)acc * (1 << constants[36 + c]), word_at(constants + 4 * c));
        if (p->is_signed) {
          t += constants[40 + c] & (t >> 31);
        }
        t = (t + word_at(constants + 16 + 4 * c)) >> constants[32 + c];
        output[i * p->pitch + c] = (int8_t)(p->low + clamped(t, 0, p->range));
      }
    }
    advance = word_at(constants + 44);
    output += advance;
    stream = constants + 48;
  } while (advance != 0);
}

void mlbench_tuned_gemm_5x4(const struct mlbench_tuned_gemm *params, const int8_t *packed,
                            int8_t *output) {
  gemm(params, packed, output, 5);
}

void mlbench_tuned_gemm_1x4(const struct mlbench_tuned_gemm *params, const int8_t *packed,
                            int8_t *output) {
  gemm(params, packed, output, 1);
}

/* fully_connected.S */
static void fully_connected(const struct mlbench_tuned_fully_connected *p, const int8_t *input,
                            int8_t *output, int32_t group) {
  const int8_t *stream = p->stream;
  for (int32_t first = 0; first < p->outputs; first += group) {
    const int32_t at = first + group > p->outputs ? p->outputs - group : first;
    const int8_t *weights = stream + 4 * group;
    for (int32_t n = 0; n < group; ++n) {
      int32_t acc = word_at(stream + 4 * n);
      for (int32_t k = 0; k < p->k; ++k) {
        acc += weights[k * group + n] * input[k];
      }
      int32_t t = high((int64_t)acc * (1 << p->left_shift), p->multiplier);
      t += p->sign & (t >> 31);
      t = (t + p->offset) >> p->shift;
      output[at + n] = (int8_t)(p->low + clamped(t, 0, p->range));
    }
    stream = weights + p->k * group;
  }
}

void mlbench_tuned_fully_connected_16(const struct mlbench_tuned_fully_connected *params,
                                      const int8_t *input, int8_t *output) {
  fully_connected(params, input, output, 16);
}

void mlbench_tuned_fully_connected_4(const struct mlbench_tuned_fully_connected *params,
                                     const int8_t *input, int8_t *output) {
  fully_connected(params, input, output, 4);
}

/* depthwise_3x3.S: each input row goes into the outputs that begin, go on and end with it. */
static void depthwise_3x3(const struct mlbench_tuned_depthwise_3x3 *p, const int8_t *input,
                          int8_t *output, int8_t *kept, int32_t stride) {
  const int32_t columns = p->columns + p->left + p->right;
  const int32_t last = (p->rows - 1) * stride + 2;
  for (int32_t c = 0; c < p->channels; ++c) {
    const int8_t *weights = (const int8_t *)p->constants + 20 * c;
    for (int32_t x = 0; x < columns; ++x) {
      int64_t middle = 0, fresh = 0;
      for (int32_t row = 0; row <= last; ++row) {
        int64_t sums[3] = {0, middle, fresh};
        for (int32_t tap = 0; tap < 3; ++tap) {
          const int outside = (row == 0 && p->top) || (row == last && p->bottom) ||
                              (x == 0 && tap == 0 && p->left) ||
                              (x == columns - 1 && tap == 2 && p->right);
          const int32_t value =
              outside
                  ? p->zero_point
                  : input[(row - p->top) * p->row + (x * stride + tap - p->left) * p->channels + c];
          for (int32_t i = 0; i < 3; ++i) {
            sums[i] += (int64_t)value * weights[3 * i + tap] * (1 << (uint8_t)weights[9]);
          }
        }
        middle = sums[0];
        fresh = sums[1];
        if (row >= 2 && (row - 2) % stride == 0) {
          const int32_t y = (row - 2) / stride;
          const int64_t acc = sums[2] + word_at(weights + 12);
          const int32_t t = high(acc, word_at(weights + 16)) >> weights[10];
          int8_t *to = x < p->kept ? &kept[x * p->rows + y]
                                   : &output[y * p->output_row + x * p->channels + c];
          *to = (int8_t)(p->low + clamped(t, 0, p->range));
        }
      }
    }
    for (int32_t i = 0; i < p->kept * p->rows; ++i) {
      output[i % p->rows * p->output_row + i / p->rows * p->channels + c] = kept[i];
    }
  }
}

void mlbench_tuned_depthwise_3x3(const struct mlbench_tuned_depthwise_3x3 *params,
                                 const int8_t *input, int8_t *output, void *scratch) {
  depthwise_3x3(params, input, output, scratch, 1);
}

void mlbench_tuned_depthwise_3x3_s2(const struct mlbench_tuned_depthwise_3x3 *params,
                                    const int8_t *input, int8_t *output, void *scratch) {
  depthwise_3x3(params, input, output, scratch, 2);
}

#endif
