/* ADD, SUB, MUL, MAXIMUM, MINIMUM, int8, with broadcasting.
 *
 * Arithmetic of ADD and SUB: both operands, offset added, are shifted left by left_shift (20) and
 * scaled with double rounding onto a common scale, twice the larger input scale; the sum or
 * difference is scaled to the output. MUL: the product of the operands, offsets added, is scaled
 * to the output. MAXIMUM and MINIMUM compare stored values: all three tensors have one
 * quantisation. Then output_offset is added and the result clamped. TensorFlow Lite 8-bit
 * quantization specification, ADD, SUB and MUL.
 *
 * Output and an operand of the output's shape may be the same buffer.
 */
#include <stddef.h>

#include "mlbench_kernels.h"
#include "mlbench_requantise.h"

/* One run along the innermost dimension. */
typedef void row_function(const struct mlbench_elementwise *params, const int8_t *left,
                          int32_t left_step, const int8_t *right, int32_t right_step,
                          int8_t *output, int32_t count);

/* Calls `row` for every run of the innermost dimension. */
static void walk(const struct mlbench_elementwise *params, const int8_t *left, const int8_t *right,
                 int8_t *output, row_function *row) {
  const struct mlbench_broadcast *broadcast = params->broadcast;
  const int32_t last = MLBENCH_MAX_DIMS - 1;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  int32_t dim;
  if (broadcast == NULL) {
    row(params, left, 1, right, 1, output, params->count);
    return;
  }
  do {
    row(params, left, broadcast->left_step[last], right, broadcast->right_step[last], output,
        broadcast->size[last]);
    output += broadcast->size[last];
    for (dim = last - 1; dim >= 0; --dim) {
      left += broadcast->left_step[dim];
      right += broadcast->right_step[dim];
      if (++index[dim] < broadcast->size[dim]) {
        break;
      }
      left -= broadcast->left_step[dim] * broadcast->size[dim];
      right -= broadcast->right_step[dim] * broadcast->size[dim];
      index[dim] = 0;
    }
  } while (dim >= 0);
}

static int8_t finish(const struct mlbench_elementwise *params, int32_t value) {
  value = mlbench_requantise(value, params->output_multiplier, params->output_shift);
  return (int8_t)mlbench_clamp(value + params->output_offset, params->activation_min,
                               params->activation_max);
}

/* The operands on ADD's and SUB's common scale. */
static int32_t scaled_left(const struct mlbench_elementwise *params, int32_t value) {
  return mlbench_requantise((value + params->left_offset) * (1 << params->left_shift),
                            params->left_multiplier, params->left_requantise_shift);
}

static int32_t scaled_right(const struct mlbench_elementwise *params, int32_t value) {
  return mlbench_requantise((value + params->right_offset) * (1 << params->left_shift),
                            params->right_multiplier, params->right_requantise_shift);
}

static void add_row(const struct mlbench_elementwise *params, const int8_t *left, int32_t left_step,
                    const int8_t *right, int32_t right_step, int8_t *output, int32_t count) {
  for (int32_t i = 0; i < count; ++i, left += left_step, right += right_step) {
    output[i] = finish(params, scaled_left(params, *left) + scaled_right(params, *right));
  }
}

static void sub_row(const struct mlbench_elementwise *params, const int8_t *left, int32_t left_step,
                    const int8_t *right, int32_t right_step, int8_t *output, int32_t count) {
  for (int32_t i = 0; i < count; ++i, left += left_step, right += right_step) {
    output[i] = finish(params, scaled_left(params, *left) - scaled_right(params, *right));
  }
}

static void mul_row(const struct mlbench_elementwise *params, const int8_t *left, int32_t left_step,
                    const int8_t *right, int32_t right_step, int8_t *output, int32_t count) {
  for (int32_t i = 0; i < count; ++i, left += left_step, right += right_step) {
    output[i] = finish(params, (*left + params->left_offset) * (*right + params->right_offset));
  }
}

static void maximum_row(const struct mlbench_elementwise *params, const int8_t *left,
                        int32_t left_step, const int8_t *right, int32_t right_step, int8_t *output,
                        int32_t count) {
  (void)params;
  for (int32_t i = 0; i < count; ++i, left += left_step, right += right_step) {
    output[i] = *left > *right ? *left : *right;
  }
}

static void minimum_row(const struct mlbench_elementwise *params, const int8_t *left,
                        int32_t left_step, const int8_t *right, int32_t right_step, int8_t *output,
                        int32_t count) {
  (void)params;
  for (int32_t i = 0; i < count; ++i, left += left_step, right += right_step) {
    output[i] = *left < *right ? *left : *right;
  }
}

void mlbench_reference_add(const struct mlbench_elementwise *params, const int8_t *left,
                           const int8_t *right, int8_t *output) {
  walk(params, left, right, output, add_row);
}

void mlbench_reference_sub(const struct mlbench_elementwise *params, const int8_t *left,
                           const int8_t *right, int8_t *output) {
  walk(params, left, right, output, sub_row);
}

void mlbench_reference_mul(const struct mlbench_elementwise *params, const int8_t *left,
                           const int8_t *right, int8_t *output) {
  walk(params, left, right, output, mul_row);
}

void mlbench_reference_maximum(const struct mlbench_elementwise *params, const int8_t *left,
                               const int8_t *right, int8_t *output) {
  walk(params, left, right, output, maximum_row);
}

void mlbench_reference_minimum(const struct mlbench_elementwise *params, const int8_t *left,
                               const int8_t *right, int8_t *output) {
  walk(params, left, right, output, minimum_row);
}
