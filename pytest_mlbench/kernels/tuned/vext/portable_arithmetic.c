/* vector_arithmetic.S, vector_channel_line.S, vector_lookup.S and vector_reduce.S in C: see
 * mlbench_tuned_portable.h. */
#include "mlbench_requantise.h"
#include "mlbench_tuned.h"
#include "mlbench_tuned_portable.h"

#if !defined(__riscv)

typedef int64_t sum_function(const struct mlbench_tuned_vector_arithmetic *p, int32_t left,
                             const void *right, int32_t at);

static int64_t rescaled(int64_t value, int32_t multiplier, int32_t e, int is_signed) {
  int64_t y = (value * multiplier + (1 << 30)) >> 31;
  y -= is_signed && y < 0;
  return e > 0 ? (y + ((int64_t)1 << (e - 1))) >> e : y;
}

static int64_t scaled_left(const struct mlbench_tuned_vector_arithmetic *p, int32_t left) {
  return rescaled((left + p->left_offset) * (1 << 20), p->left_multiplier, p->left_e,
                  p->is_signed & 1);
}

static int64_t add_stored(const struct mlbench_tuned_vector_arithmetic *p, int32_t left,
                          const void *right, int32_t at) {
  const int32_t stored = ((const int8_t *)right)[at];
  return scaled_left(p, left) + p->right_sign * rescaled((stored + p->right_offset) * (1 << 20),
                                                         p->right_multiplier, p->right_e,
                                                         p->is_signed & 2);
}

static int64_t add_constant(const struct mlbench_tuned_vector_arithmetic *p, int32_t left,
                            const void *right, int32_t at) {
  return scaled_left(p, left) + ((const int32_t *)right)[at];
}

static int64_t mul_stored(const struct mlbench_tuned_vector_arithmetic *p, int32_t left,
                          const void *right, int32_t at) {
  return (left + p->left_offset) * (((const int8_t *)right)[at] + p->right_offset);
}

static int64_t mul_constant(const struct mlbench_tuned_vector_arithmetic *p, int32_t left,
                            const void *right, int32_t at) {
  return (left + p->left_offset) * ((const int16_t *)right)[at];
}

static void walk(const struct mlbench_tuned_vector_arithmetic *p, const int8_t *left,
                 const void *right, int8_t *output, sum_function *sum) {
  for (int32_t i = 0; i < p->count; ++i) {
    const int64_t value = sum(p, left[i], right, i % p->period);
    const int64_t y = rescaled(value, p->multiplier, p->e, p->is_signed & 4) + p->zero_point;
    output[i] = (int8_t)(y < p->low ? p->low : y > p->high ? p->high : y);
  }
}

#define ARITHMETIC(name)                                                                    \
  void mlbench_tuned_vector_##name(const struct mlbench_tuned_vector_arithmetic *params,    \
                                   const int8_t *left, const void *right, int8_t *output) { \
    walk(params, left, right, output, name);                                                \
  }
ARITHMETIC(add_stored)
ARITHMETIC(add_constant)
ARITHMETIC(mul_stored)
ARITHMETIC(mul_constant)

/* vector_channel_line.S */
static int32_t on_line(int32_t value, int32_t slope, int32_t offset, int32_t threshold,
                       int32_t step, int32_t shift) {
  const int32_t sum = (int32_t)((uint32_t)value * (uint32_t)slope + (uint32_t)offset);
  return (sum + (sum < threshold ? step : 0)) >> shift;
}

static void channel_lines(const struct mlbench_tuned_vector_channel_line *p, const int8_t *input,
                          int8_t *output, int is_chain) {
  for (int32_t i = 0; i < p->count; ++i) {
    const int32_t c = i % p->period;
    int32_t t = on_line(input[i], p->slopes[c], p->offsets[c], p->threshold, p->step, p->shift);
    t = clamped(t, p->low, p->high);
    if (is_chain) {
      t = on_line(t, p->second_slopes[c], p->second_offsets[c], p->second_threshold, p->second_step,
                  p->second_shift);
      t = clamped(t, p->second_low, p->second_high);
    }
    output[i] = (int8_t)t;
  }
}

#define CHANNEL_LINES(name, is_chain)                                                      \
  void mlbench_tuned_vector_##name(const struct mlbench_tuned_vector_channel_line *params, \
                                   const int8_t *input, int8_t *output) {                  \
    channel_lines(params, input, output, is_chain);                                        \
  }
CHANNEL_LINES(channel_line, 0)
CHANNEL_LINES(channel_line_signed, 0)
CHANNEL_LINES(channel_lines, 1)
CHANNEL_LINES(channel_lines_signed, 1)

void mlbench_tuned_vector_lookup(const struct mlbench_tuned_lookup *params, const uint8_t *input,
                                 uint8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = params->table[input[i]];
  }
}

void mlbench_tuned_vector_maximum(const int8_t *input, int8_t *output, int32_t channels,
                                  int32_t rows, int32_t columns, int32_t row, int32_t low,
                                  int32_t high) {
  for (int32_t c = 0; c < channels; ++c) {
    int32_t most = low;
    for (int32_t i = 0; i < rows * columns; ++i) {
      const int32_t value = input[i / columns * row + i % columns * channels + c];
      most = value > most ? value : most;
    }
    output[c] = (int8_t)(most > high ? high : most);
  }
}

/* vector_maximum.S */
#define MAXIMUM(way)                                                                          \
  void mlbench_tuned_vector_maximum_##way(const int8_t *input, int8_t *output, int32_t count, \
                                          int32_t rows, int32_t columns, int32_t row,         \
                                          int32_t step, int32_t channels) {                   \
    for (; count > 0; --count, input += step, output += channels) {                           \
      mlbench_tuned_vector_maximum(input, output, channels, rows, columns, row, -128, 127);   \
    }                                                                                         \
  }

MAXIMUM(8)
MAXIMUM(4)
MAXIMUM(1)
MAXIMUM(2x2_8)
MAXIMUM(2x2_4)
MAXIMUM(2x2_1)

void mlbench_tuned_vector_mean(const struct mlbench_tuned_mean *p, const int8_t *input,
                               int8_t *output) {
  for (int32_t i = 0; i < p->outer * p->channels; ++i) {
    const int8_t *from = input + i / p->channels * p->rows * p->channels + i % p->channels;
    int32_t sum = p->offset;
    for (int32_t row = 0; row < p->rows; ++row) {
      sum += from[row * p->channels];
    }
    output[i] = (int8_t)clamped(mlbench_requantise(sum, p->multiplier, p->shift) + p->output_offset,
                                -128, 127);
  }
}

#endif
