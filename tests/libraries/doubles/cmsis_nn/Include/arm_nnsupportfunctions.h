/* A contract double: the fixed-point arithmetic that the library documents as bit-exact with
 * TensorFlow Lite Micro (double rounding). */
#ifndef ARM_NNSUPPORTFUNCTIONS_H
#define ARM_NNSUPPORTFUNCTIONS_H

#include "arm_nn_math_types.h"
#include "arm_nn_types.h"

/* round(a * b / 2^31), ties away from zero: the nudge has the product's sign and the division
 * truncates. Saturates the one product that does not fit. */
static inline int32_t arm_nn_doubling_high_mult(int32_t a, int32_t b) {
  const int64_t nudge = (a < 0) == (b < 0) ? (INT64_C(1) << 30) : 1 - (INT64_C(1) << 30);
  const int64_t result = ((int64_t)a * b + nudge) / (INT64_C(1) << 31);
  return result > NN_Q31_MAX ? NN_Q31_MAX : (int32_t)result;
}

/* round(value / 2^exponent), ties away from zero. */
static inline int32_t arm_nn_divide_by_power_of_two(int32_t value, int32_t exponent) {
  const int32_t mask = (int32_t)((INT64_C(1) << exponent) - 1);
  int32_t result = value >> exponent;
  int32_t threshold = mask >> 1;
  if (value < 0) {
    threshold++;
  }
  if ((value & mask) > threshold) {
    result++;
  }
  return result;
}

/* value * multiplier * 2^(shift - 31), rounded after the multiplication and after the shift. */
static inline int32_t arm_nn_requantize(int32_t value, int32_t multiplier, int32_t shift) {
  const int32_t left = shift > 0 ? shift : 0;
  const int32_t right = shift > 0 ? 0 : -shift;
  return arm_nn_divide_by_power_of_two(
      arm_nn_doubling_high_mult((int32_t)((uint32_t)value << left), multiplier), right);
}

static inline int8_t arm_nn_clamp(int32_t value, const cmsis_nn_activation *activation) {
  value = value < activation->min ? activation->min : value;
  return (int8_t)(value > activation->max ? activation->max : value);
}

/* What a kernel that was given scratch may do with it: anything, before it reads its input. */
static inline arm_cmsis_nn_status arm_nn_spoil_scratch(const cmsis_nn_context *ctx, int32_t size) {
  if (size > 0) {
    if (ctx->buf == 0 || ctx->size < size) {
      return ARM_CMSIS_NN_ARG_ERROR;
    }
    memset(ctx->buf, 0xA5, (size_t)size);
  }
  return ARM_CMSIS_NN_SUCCESS;
}

#endif
