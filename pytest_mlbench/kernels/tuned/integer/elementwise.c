/* ADD, SUB and MUL of an activation and an activation or a constant that is broadcast: `blocks`
 * times a `period` of right values, each for `repeat` left ones. (One block: tensors of one shape.
 * repeat 1: a value per channel. period 1: a scalar.)
 *
 * ADD, SUB: TensorFlow Lite scales both operands onto one scale first. The 256 scaled values of an
 * operand are a table in ROM, of a constant one value per element; SUB's right ones are negated.
 *   sum    = left[stored value] + right[stored value]
 * MUL: a right value is taken with its offset and the left shift of the requantisation.
 *   sum    = (left + left_offset) * right
 * then, as everywhere (requantise/fixed_point.py):
 *   t      = mulh(sum << left_shift, multiplier)
 *   output = low + clamp((t + (t < 0 ? sign : 0) + offset) >> shift, 0, range)
 *
 * Instructions per element: 4 to look a value up (a constant's 1), 1 for the sum, 6 for the
 * requantisation, 3 for bound and store, 3 for pointers and loop: 18 for two tensors, 15 for a
 * constant; MUL 14 and 12.
 *
 * The output may be the same buffer as an operand of its shape.
 */
#include "mlbench_tuned.h"

#define INLINE static inline __attribute__((always_inline))

/* What a right value is: stored ones are looked up or shifted, constants are ready. */
enum kind { ADD_STORED, ADD_CONSTANT, MUL_STORED, MUL_CONSTANT };

INLINE int32_t right_value(const struct mlbench_tuned_elementwise *p, const void *right, int32_t j,
                           enum kind kind) {
  if (kind == ADD_CONSTANT || kind == MUL_CONSTANT) {
    return ((const int32_t *)right)[j];
  }
  const int32_t stored = ((const int8_t *)right)[j];
  return kind == ADD_STORED ? p->right[stored + 128]
                            : (int32_t)((uint32_t)(stored + p->right_offset) << p->left_shift);
}

INLINE int8_t one(const struct mlbench_tuned_elementwise *p, int32_t left, int32_t right,
                  enum kind kind) {
  const int is_sum = kind == ADD_STORED || kind == ADD_CONSTANT;
  const int32_t sum = is_sum ? p->left[left + 128] + right : (left + p->left_offset) * right;
  int32_t t = (int32_t)(((int64_t)sum * p->multiplier) >> 32);
  t = (t + (p->sign & (t >> 31)) + p->offset) >> p->shift;
  if ((uint32_t)t > (uint32_t)p->range) {
    t = ~(t >> 31) & p->range;
  }
  return (int8_t)(t + p->low);
}

INLINE void walk(const struct mlbench_tuned_elementwise *params, const int8_t *left,
                 const void *right, int8_t *output, enum kind kind) {
  const struct mlbench_tuned_elementwise p = *params;
  for (int32_t block = p.blocks; block > 0; --block) {
    if (p.repeat == 1) {
      for (int32_t j = 0; j < p.period; ++j) {
        output[j] = one(&p, left[j], right_value(&p, right, j, kind), kind);
      }
      left += p.period;
      output += p.period;
      continue;
    }
    for (int32_t j = 0; j < p.period; ++j) {
      const int32_t value = right_value(&p, right, j, kind);
      for (int32_t i = 0; i < p.repeat; ++i) {
        output[i] = one(&p, left[i], value, kind);
      }
      left += p.repeat;
      output += p.repeat;
    }
  }
}

void mlbench_tuned_add_stored(const struct mlbench_tuned_elementwise *params, const int8_t *left,
                              const int8_t *right, int8_t *output) {
  walk(params, left, right, output, ADD_STORED);
}

void mlbench_tuned_add_constant(const struct mlbench_tuned_elementwise *params, const int8_t *left,
                                int8_t *output) {
  walk(params, left, params->right, output, ADD_CONSTANT);
}

void mlbench_tuned_mul_stored(const struct mlbench_tuned_elementwise *params, const int8_t *left,
                              const int8_t *right, int8_t *output) {
  walk(params, left, right, output, MUL_STORED);
}

void mlbench_tuned_mul_constant(const struct mlbench_tuned_elementwise *params, const int8_t *left,
                                int8_t *output) {
  walk(params, left, params->right, output, MUL_CONSTANT);
}
