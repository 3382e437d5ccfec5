/* ADD of two int8 tensors of one shape.
 *
 * mlbench_tuned_add_line, where requantise/sum_line.py proves it exact:
 *   output = low + clamp((left * l + right * r + offset) >> shift, 0, range)
 * Instructions per element: 2 loads, 2 products, 3 for sum and shift, 2 for bound and store, 1 for
 * the clamp (3 more when it clamps), and one for pointers and loop, which four elements share: 11.
 *
 * mlbench_tuned_add and mlbench_tuned_add_signed:
 *
 * TensorFlow Lite scales both operands, zero point taken off and shifted left by 20, onto twice the
 * larger of the two scales, with the rounding of every MultiplyByQuantizedMultiplier, then the sum
 * onto the output's. The operand of the larger scale is multiplied by exactly 1/2, which is a
 * shift; the generator makes it the left one. The other is looked up: its 256 scaled values, the
 * left one's zero point and the shift of the sum are a table in ROM of 1 KiB.
 *   sum    = (left << left_shift) + right[stored value + 128]
 *   t      = mulh(sum, multiplier)
 *   output = low + clamp((t + (t < 0 ? sign : 0) + offset) >> shift, 0, range)
 * with the constants of requantise/fixed_point.py.
 *
 * Instructions per element: 2 for left, 4 for right, 1 for the sum, 3 for the requantisation (3
 * more in the signed kernel), 2 for bound and store, 1 for the clamp (3 more when it clamps), and
 * one for pointers and loop, which four elements share. Computing the right value would take 9.
 *
 * The output may be the same buffer as an operand.
 */
#include "mlbench_tuned.h"

static inline __attribute__((always_inline)) int8_t one(struct mlbench_tuned_add p, int8_t left,
                                                        int8_t right, int is_signed) {
  int32_t sum = (int32_t)((uint32_t)left << p.left_shift) + p.right[right];
  int32_t t = (int32_t)(((int64_t)sum * p.multiplier) >> 32);
  if (is_signed) {
    t += p.sign & (t >> 31);
  }
  t = (t + p.offset) >> p.shift;
  if ((uint32_t)t > (uint32_t)p.range) {
    t = ~(t >> 31) & p.range;
  }
  return (int8_t)(t + p.low);
}

static inline __attribute__((always_inline)) void add(const struct mlbench_tuned_add *params,
                                                      const int8_t *left, const int8_t *right,
                                                      int8_t *output, int is_signed) {
  struct mlbench_tuned_add p = *params;
  p.right += 128;
  int32_t left_over = p.count;
#ifndef MLBENCH_TUNED_SMALL
  left_over &= 3;
  for (const int8_t *end = left + p.count - left_over; left != end;) {
    output[0] = one(p, left[0], right[0], is_signed);
    output[1] = one(p, left[1], right[1], is_signed);
    output[2] = one(p, left[2], right[2], is_signed);
    output[3] = one(p, left[3], right[3], is_signed);
    left += 4;
    right += 4;
    output += 4;
  }
#endif
  for (; left_over > 0; --left_over) {
    *output++ = one(p, *left++, *right++, is_signed);
  }
}

void mlbench_tuned_add(const struct mlbench_tuned_add *params, const int8_t *left,
                       const int8_t *right, int8_t *output) {
  add(params, left, right, output, 0);
}

void mlbench_tuned_add_signed(const struct mlbench_tuned_add *params, const int8_t *left,
                              const int8_t *right, int8_t *output) {
  add(params, left, right, output, 1);
}

static inline __attribute__((always_inline)) int8_t on_line(struct mlbench_tuned_add_line p,
                                                            int8_t left, int8_t right) {
  const uint32_t height = (uint32_t)left * (uint32_t)p.left + (uint32_t)right * (uint32_t)p.right;
  int32_t t = (int32_t)(height + (uint32_t)p.offset) >> p.shift;
  if ((uint32_t)t > (uint32_t)p.range) {
    t = ~(t >> 31) & p.range;
  }
  return (int8_t)(t + p.low);
}

void mlbench_tuned_add_line(const struct mlbench_tuned_add_line *params, const int8_t *left,
                            const int8_t *right, int8_t *output) {
  const struct mlbench_tuned_add_line p = *params;
  int32_t left_over = p.count;
#ifndef MLBENCH_TUNED_SMALL
  left_over &= 3;
  for (const int8_t *end = left + p.count - left_over; left != end;) {
    output[0] = on_line(p, left[0], right[0]);
    output[1] = on_line(p, left[1], right[1]);
    output[2] = on_line(p, left[2], right[2]);
    output[3] = on_line(p, left[3], right[3]);
    left += 4;
    right += 4;
    output += 4;
  }
#endif
  for (; left_over > 0; --left_over) {
    *output++ = on_line(p, *left++, *right++);
  }
}
