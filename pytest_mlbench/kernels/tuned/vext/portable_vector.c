/* The vector kernels in C: see mlbench_tuned_portable.h. */
#include "mlbench_tuned.h"
#include "mlbench_tuned_portable.h"

#if !defined(__riscv)

/* The vector kernels' requantisation: vsmul, the sign, vssra, vsadd, vnclip. */
static int8_t vector_output(int32_t acc, int32_t multiplier, int32_t e, int is_signed,
                            int32_t zero_point, int32_t low, int32_t top) {
  int64_t y = ((int64_t)acc * multiplier + (1 << 30)) >> 31;
  y -= is_signed && y < 0;
  if (e > 0) {
    y = (y + ((int64_t)1 << (e - 1))) >> e;
  }
  y += zero_point;
  return (int8_t)(y < low ? low : y > top ? top : y);
}

#ifdef MLBENCH_TUNED_VLENB

/* vector_gemm.S */
static void vector_gemm(const struct mlbench_tuned_vector_gemm *p, const int8_t *x, int8_t *output,
                        int32_t count, int32_t lmul) {
  const int32_t lanes = MLBENCH_TUNED_VLENB / 4 * lmul;
  const int8_t *stream = p->stream;
  for (int32_t first = 0; first < p->channels; first += lanes) {
    const int32_t *constants = (const int32_t *)(const void *)stream;
    const int16_t *weights = (const int16_t *)(const void *)(constants + 3 * lanes);
    const int8_t *from = x;
    for (int32_t i = 0, column = 0; i < count; ++i) {
      for (int32_t c = 0; c < lanes && first + c < p->channels; ++c) {
        int32_t acc = constants[c];
        for (int32_t k = 0; k < p->runs * p->run; ++k) {
          acc += weights[k * lanes + c] * from[k / p->run * (p->run + p->skip) + k % p->run];
        }
        output[i * p->channels + first + c] =
            vector_output(acc, constants[lanes + c], constants[2 * lanes + c], p->is_signed,
                          p->zero_point, p->low, p->high);
      }
      from += p->pitch;
      if (++column == p->width) {
        column = 0;
        from += p->jump;
      }
    }
    stream += 12 * lanes + 2 * lanes * p->runs * p->run;
  }
}

#define GEMM(name, lmul)                                                                  \
  void mlbench_tuned_vector_gemm_##name(const struct mlbench_tuned_vector_gemm *params,   \
                                        const int8_t *x, int8_t *output, int32_t count) { \
    vector_gemm(params, x, output, count, lmul);                                          \
  }
GEMM(m8, 8)
GEMM(m4, 4)
GEMM(m2, 2)
GEMM(m4_3, 4)
GEMM(m2_6, 2)
GEMM(m2_3, 2)

#endif

/* vector_planes.S */
static int32_t planes_sum(const struct mlbench_tuned_vector_planes *p, int32_t planes,
                          const int16_t *lane, int32_t x, const int8_t *weights, int32_t group) {
  int32_t sum = 0;
  for (int32_t tap = 0; tap < p->filter_h * p->filter_w; ++tap) {
    const int32_t column = x + p->shifts[tap / p->filter_h];
    for (int32_t plane = 0; plane < planes; ++plane, weights += group) {
      const int32_t inside = 0 <= column && column < p->row;
      sum += *weights * (inside ? lane[(p->offsets[tap] + plane * p->pitch) / 2] : p->input_zero);
    }
  }
  return sum;
}

static int32_t vector_planes(const struct mlbench_tuned_vector_planes *p, const int16_t *lane,
                             int8_t *output, int32_t first, int32_t count, int32_t large,
                             int depthwise) {
  const int8_t *stream = p->stream;
  const int32_t planes = depthwise ? 1 : p->planes;
  int32_t stored = 0;
  for (int32_t number = 0; number < p->large + p->small; ++number) {
    const int32_t group = number < p->large ? large : 2;
    stored = 0;
    for (int32_t i = 0; i < count; ++i) {
      const int32_t x = (first + i) % p->row;
      for (int32_t j = 0; x < p->output_w && j < group; ++j) {
        const int16_t *own = lane + i + (depthwise ? j * (p->pitch / 2) : 0);
        const int32_t acc =
            word_at(stream + 4 * j) + planes_sum(p, planes, own, x, stream + 12 * group + j, group);
        output[stored * p->channels + j] = vector_output(
            acc, word_at(stream + 4 * (group + j)), word_at(stream + 4 * (2 * group + j)),
            p->is_signed, p->zero_point, p->low, p->high);
      }
      stored += x < p->output_w;
    }
    output += group;
    lane += depthwise ? group * (p->pitch / 2) : 0;
    stream += 12 * group + (p->filter_h * p->filter_w * planes * group + 3) / 4 * 4;
  }
  return stored;
}

#define PLANES(name, large, depthwise)                                                            \
  int32_t mlbench_tuned_vector_planes_##name(const struct mlbench_tuned_vector_planes *params,    \
                                             const int16_t *lane, int8_t *output, int32_t column, \
                                             int32_t count, uint8_t *masks) {                     \
    (void)masks;                                                                                  \
    return vector_planes(params, lane, output, column, count, large, depthwise);                  \
  }
PLANES(m8, 3, 0)
PLANES(m4, 7, 0)
PLANES(depthwise, 3, 1)
PLANES(single, 1, 0)

void mlbench_tuned_vector_gather_planes(const struct mlbench_tuned_vector_gather *p, int16_t *to,
                                        const int8_t *input, int32_t row, int32_t count) {
  for (int32_t plane = 0; plane < p->phases * p->planes; ++plane, to += p->pitch / 2) {
    const int32_t *start = p->starts + plane / p->planes * 2;
    for (int32_t i = 0; i < count; ++i) {
      const int32_t y = start[0] + row + i / p->row * p->stride_h;
      const int32_t x = start[1] + i % p->row * p->stride_w;
      const int inside = 0 <= y && y < p->input_h && 0 <= x && x < p->input_w;
      const int32_t at = (y * p->input_w + x) * p->planes + plane % p->planes;
      to[i] = (int16_t)(inside ? input[at] : p->input_zero);
    }
  }
}

/* vector_fully_connected.S */
void mlbench_tuned_vector_fully_connected(const struct mlbench_tuned_vector_fully_connected *p,
                                          const int8_t *input, int8_t *output) {
  for (int32_t row = 0; row < p->rows; ++row, input += p->k) {
    for (int32_t c = 0; c < p->channels; ++c) {
      int32_t acc = p->constants[c];
      for (int32_t k = 0; k < p->k; ++k) {
        acc += p->weights[c * p->k + k] * input[k];
      }
      *output++ =
          vector_output(acc, p->constants[p->channels + c], p->constants[2 * p->channels + c],
                        p->is_signed, p->zero_point, p->low, p->high);
    }
  }
}

/* vector_elementwise.S */
static int64_t rescaled(int64_t value, int32_t multiplier, int32_t e, int is_signed) {
  int64_t y = (value * multiplier + (1 << 30)) >> 31;
  y -= is_signed && y < 0;
  return e > 0 ? (y + ((int64_t)1 << (e - 1))) >> e : y;
}

void mlbench_tuned_vector_add(const struct mlbench_tuned_vector_add *p, const int8_t *left,
                              const int8_t *right, int8_t *output) {
  for (int32_t i = 0; i < p->count; ++i) {
    const int64_t sum = rescaled((left[i] + p->left_offset) * (1 << 20), p->left_multiplier,
                                 p->left_e, p->is_signed & 1) +
                        rescaled((right[i] + p->right_offset) * (1 << 20), p->right_multiplier,
                                 p->right_e, p->is_signed & 2);
    const int64_t y = rescaled(sum, p->multiplier, p->e, p->is_signed & 4) + p->zero_point;
    output[i] = (int8_t)(y < p->low ? p->low : y > p->high ? p->high : y);
  }
}

void mlbench_tuned_vector_average(const int8_t *input, int8_t *output, int32_t channels,
                                  int32_t rows, int32_t columns, int32_t row, int32_t low,
                                  int32_t top) {
  const int32_t count = rows * columns;
  for (int32_t c = 0; c < channels; ++c) {
    int32_t sum = 0;
    for (int32_t i = 0; i < count; ++i) {
      sum += input[i / columns * row + i % columns * channels + c];
    }
    sum += sum > 0 ? count / 2 : -(count / 2);
    output[c] = (int8_t)clamped(sum / count, low, top);
  }
}

/* vector_move.S */
void mlbench_tuned_vector_fill(int8_t *to, int32_t value, int32_t count) {
  memset(to, value, (uint32_t)count);
}

void mlbench_tuned_vector_copy_rows(int8_t *to, const int8_t *from, int32_t rows, int32_t to_pitch,
                                    int32_t from_pitch, int32_t count) {
  for (; rows > 0; --rows) {
    memmove(to, from, (uint32_t)count);
    to += to_pitch;
    from += from_pitch;
  }
}

void mlbench_tuned_vector_move_bytes(int8_t *to, const int8_t *from, int32_t count, int32_t to_step,
                                     int32_t from_step) {
  for (; count > 0; --count) {
    *to = *from;
    to += to_step;
    from += from_step;
  }
}

/* vector_depthwise_3x3.S */
void mlbench_tuned_vector_depthwise_3x3(const struct mlbench_tuned_vector_depthwise *p,
                                        const int8_t *padded, int8_t *output) {
  const int8_t *weights = p->weights;
  for (int32_t y = 0; y < p->output_h; ++y) {
    for (int32_t x = 0; x < p->output_w; ++x) {
      for (int32_t c = 0; c < p->channels; ++c) {
        int32_t acc = p->constants[c];
        for (int32_t tap = 0; tap < 9; ++tap) {
          acc +=
              weights[tap * p->channels + c] *
              padded[y * p->row_step + x * p->step + tap / 3 * p->row + tap % 3 * p->channels + c];
        }
        *output++ =
            vector_output(acc, p->constants[p->channels + c], p->constants[2 * p->channels + c],
                          p->is_signed, p->zero_point, p->low, p->high);
      }
    }
  }
}

#endif
