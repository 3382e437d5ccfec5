/* ADD, SUB and MUL, int16, with broadcasting.
 *
 * Arithmetic: ADD's and SUB's operands are shifted left by 15 and scaled with double rounding onto
 * twice the larger input scale; the sum, difference or product is scaled to the output, clamped.
 */
#include <stddef.h>

#include "mlbench_int16.h"
#include "mlbench_requantise.h"

enum { ADD, SUB, MUL };

static int32_t scaled(const struct mlbench_factor *factor, int32_t value) {
  return mlbench_requantise(value, factor->multiplier, factor->shift);
}

static int16_t value_of(const struct mlbench_elementwise_int16 *params, int32_t kind, int32_t left,
                        int32_t right) {
  int32_t value = left * right;
  if (kind != MUL) {
    left = scaled(&params->left, left * (1 << 15));
    right = scaled(&params->right, right * (1 << 15));
    value = kind == ADD ? left + right : left - right;
  }
  return (int16_t)mlbench_clamp(scaled(&params->output, value), params->activation_min,
                                params->activation_max);
}

static void walk(const struct mlbench_elementwise_int16 *params, int32_t kind, const int16_t *left,
                 const int16_t *right, int16_t *output) {
  const struct mlbench_broadcast *broadcast = params->broadcast;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = value_of(params, kind, *left, *right);
    if (broadcast == NULL) {
      ++left;
      ++right;
      continue;
    }
    for (int32_t dim = MLBENCH_MAX_DIMS - 1; dim >= 0; --dim) {
      left += broadcast->left_step[dim];
      right += broadcast->right_step[dim];
      if (++index[dim] < broadcast->size[dim]) {
        break;
      }
      left -= broadcast->left_step[dim] * broadcast->size[dim];
      right -= broadcast->right_step[dim] * broadcast->size[dim];
      index[dim] = 0;
    }
  }
}

void mlbench_reference_add_int16(const struct mlbench_elementwise_int16 *params,
                                 const int16_t *left, const int16_t *right, int16_t *output) {
  walk(params, ADD, left, right, output);
}

void mlbench_reference_sub_int16(const struct mlbench_elementwise_int16 *params,
                                 const int16_t *left, const int16_t *right, int16_t *output) {
  walk(params, SUB, left, right, output);
}

void mlbench_reference_mul_int16(const struct mlbench_elementwise_int16 *params,
                                 const int16_t *left, const int16_t *right, int16_t *output) {
  walk(params, MUL, left, right, output);
}
