/* Comparisons, logical operators, SQUARED_DIFFERENCE, and arithmetic of int32.
 *
 * Arithmetic: int8 operands, offset added, are shifted left and scaled with double rounding (by
 * their scale for comparisons, to a common one for SQUARED_DIFFERENCE); int32 wraps.
 */
#include <stddef.h>

#include "mlbench_pairs.h"
#include "mlbench_requantise.h"

static int32_t loaded(const void *values, int32_t type, int32_t place) {
  switch (type) {
    case MLBENCH_INT32:
      return ((const int32_t *)values)[place];
    case MLBENCH_INT16:
      return ((const int16_t *)values)[place];
    default:
      return ((const int8_t *)values)[place];
  }
}

static void store(void *values, int32_t type, int32_t place, int32_t value) {
  switch (type) {
    case MLBENCH_INT32:
      ((int32_t *)values)[place] = value;
      break;
    case MLBENCH_INT16:
      ((int16_t *)values)[place] = (int16_t)value;
      break;
    default:
      ((int8_t *)values)[place] = (int8_t)value;
  }
}

static int32_t operand(int32_t value, int32_t offset, int32_t left, int32_t multiplier,
                       int32_t shift) {
  return multiplier == 0 ? value
                         : mlbench_requantise((value + offset) * (1 << left), multiplier, shift);
}

/* Rounded towards 0. Division by 0 saturates. */
static int32_t quotient(int32_t left, int32_t right) {
  if (right == 0) {
    return left < 0 ? INT32_MIN : left > 0 ? INT32_MAX : 0;
  }
  return right == -1 ? (int32_t)(0u - (uint32_t)left) : left / right;
}

static int32_t result_of(int32_t operation, int32_t left, int32_t right) {
  const uint32_t difference = (uint32_t)left - (uint32_t)right;
  switch (operation) {
    case MLBENCH_ADD:
      return (int32_t)((uint32_t)left + (uint32_t)right);
    case MLBENCH_SUB:
      return (int32_t)difference;
    case MLBENCH_MUL:
      return (int32_t)((uint32_t)left * (uint32_t)right);
    case MLBENCH_MAXIMUM:
      return left > right ? left : right;
    case MLBENCH_MINIMUM:
      return left < right ? left : right;
    case MLBENCH_SQUARED_DIFFERENCE:
      return (int32_t)(difference * difference);
    case MLBENCH_EQUAL:
      return left == right;
    case MLBENCH_NOT_EQUAL:
      return left != right;
    case MLBENCH_GREATER:
      return left > right;
    case MLBENCH_GREATER_EQUAL:
      return left >= right;
    case MLBENCH_LESS:
      return left < right;
    case MLBENCH_LESS_EQUAL:
      return left <= right;
    case MLBENCH_DIV:
      return quotient(left, right);
    case MLBENCH_LOGICAL_AND:
      return left && right;
    default:
      return left || right;
  }
}

static int32_t value_of(const struct mlbench_pairwise *params, int32_t left, int32_t right) {
  left = operand(left, params->left_offset, params->left_shift, params->left_multiplier,
                 params->left_requantise_shift);
  right = operand(right, params->right_offset, params->left_shift, params->right_multiplier,
                  params->right_requantise_shift);
  int32_t value = result_of(params->operation, left, right);
  if (params->output_multiplier != 0) {
    value = mlbench_requantise(value, params->output_multiplier, params->output_shift) +
            params->output_offset;
  }
  return mlbench_clamp(value, params->activation_min, params->activation_max);
}

void mlbench_reference_pairwise(const struct mlbench_pairwise *params, const void *left,
                                const void *right, void *output) {
  const struct mlbench_broadcast *broadcast = params->broadcast;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  int32_t from_left = 0;
  int32_t from_right = 0;
  for (int32_t i = 0; i < params->count; ++i) {
    const int32_t value = value_of(params, loaded(left, params->input_type, from_left),
                                   loaded(right, params->input_type, from_right));
    store(output, params->output_type, i, value);
    if (broadcast == NULL) {
      from_left = from_right = i + 1;
      continue;
    }
    for (int32_t dim = MLBENCH_MAX_DIMS - 1; dim >= 0; --dim) {
      from_left += broadcast->left_step[dim];
      from_right += broadcast->right_step[dim];
      if (++index[dim] < broadcast->size[dim]) {
        break;
      }
      from_left -= broadcast->left_step[dim] * broadcast->size[dim];
      from_right -= broadcast->right_step[dim] * broadcast->size[dim];
      index[dim] = 0;
    }
  }
}
