/* Functions of one and of two float32 values, the latter with broadcasting.
 *
 * Arithmetic: one operation of IEEE 754 per step, in the order that TensorFlow Lite Micro has.
 * ROUND goes to nearest, ties to even, by way of floor.
 */
#include <math.h>

#include "mlbench_broadcast.h"
#include "mlbench_float32.h"

static float rounded(float value) {
  const float below = floorf(value), rest = value - below;
  const int even = below - 2.0f * floorf(0.5f * below) == 0.0f;
  return rest < 0.5f || (rest == 0.5f && even) ? below : below + 1.0f;
}

static float hard_swish(float value) {
  const float shifted = value + 3.0f;
  const float above = shifted > 0.0f ? shifted : 0.0f;
  return value * (above < 6.0f ? above : 6.0f) / 6.0f;
}

static float relu6(float value) { return value > 6.0f ? 6.0f : value < 0.0f ? 0.0f : value; }

/* output[i] = expression of x = input[i] */
#define EACH(expression)                        \
  for (int32_t i = 0; i < params->count; ++i) { \
    const float x = input[i];                   \
    output[i] = (expression);                   \
  }

void mlbench_reference_abs_float32(const struct mlbench_unary_float32 *params, const float *input,
                                   float *output) {
  EACH(fabsf(x))
}

void mlbench_reference_neg_float32(const struct mlbench_unary_float32 *params, const float *input,
                                   float *output) {
  EACH(-x)
}

void mlbench_reference_sqrt_float32(const struct mlbench_unary_float32 *params, const float *input,
                                    float *output) {
  EACH(sqrtf(x))
}

void mlbench_reference_rsqrt_float32(const struct mlbench_unary_float32 *params, const float *input,
                                     float *output) {
  EACH(1.0f / sqrtf(x))
}

void mlbench_reference_ceil_float32(const struct mlbench_unary_float32 *params, const float *input,
                                    float *output) {
  EACH(ceilf(x))
}

void mlbench_reference_floor_float32(const struct mlbench_unary_float32 *params, const float *input,
                                     float *output) {
  EACH(floorf(x))
}

void mlbench_reference_hard_swish_float32(const struct mlbench_unary_float32 *params,
                                          const float *input, float *output) {
  EACH(hard_swish(x))
}

void mlbench_reference_round_float32(const struct mlbench_unary_float32 *params, const float *input,
                                     float *output) {
  EACH(rounded(x))
}

void mlbench_reference_square_float32(const struct mlbench_unary_float32 *params,
                                      const float *input, float *output) {
  EACH(x * x)
}

void mlbench_reference_relu_float32(const struct mlbench_unary_float32 *params, const float *input,
                                    float *output) {
  EACH(x < 0.0f ? 0.0f : x)
}

void mlbench_reference_relu6_float32(const struct mlbench_unary_float32 *params, const float *input,
                                     float *output) {
  EACH(relu6(x))
}

void mlbench_reference_leaky_relu_float32(const struct mlbench_unary_float32 *params,
                                          const float *input,
                                          float *output){EACH(x > 0.0f ? x : x * params -> alpha)}
/* output[i] = expression of x = left[...] and y = right[...], clamped */
#define PAIR(expression)                                                         \
  int32_t index[MLBENCH_MAX_DIMS] = {0}, from_left = 0, from_right = 0;          \
  for (int32_t i = 0; i < params->count; ++i) {                                  \
    const float x = left[from_left], y = right[from_right];                      \
    float value = (expression);                                                  \
    value = value < params->activation_min ? params->activation_min : value;     \
    output[i] = params->activation_max < value ? params->activation_max : value; \
    mlbench_next_pair(params->broadcast, index, &from_left, &from_right);        \
  }

void mlbench_reference_add_float32(const struct mlbench_pair_float32 *params, const float *left,
                                   const float *right, float *output) {
  PAIR(x + y)
}

void mlbench_reference_sub_float32(const struct mlbench_pair_float32 *params, const float *left,
                                   const float *right, float *output) {
  PAIR(x - y)
}

void mlbench_reference_mul_float32(const struct mlbench_pair_float32 *params, const float *left,
                                   const float *right, float *output) {
  PAIR(x * y)
}

void mlbench_reference_div_float32(const struct mlbench_pair_float32 *params, const float *left,
                                   const float *right, float *output) {
  PAIR(x / y)
}

void mlbench_reference_maximum_float32(const struct mlbench_pair_float32 *params, const float *left,
                                       const float *right, float *output) {
  PAIR(x > y ? x : y)
}

void mlbench_reference_minimum_float32(const struct mlbench_pair_float32 *params, const float *left,
                                       const float *right, float *output) {
  PAIR(x < y ? x : y)
}

void mlbench_reference_squared_difference_float32(const struct mlbench_pair_float32 *params,
                                                  const float *left, const float *right,
                                                  float *output) {
  PAIR((x - y) * (x - y))
}

void mlbench_reference_prelu_float32(const struct mlbench_pair_float32 *params, const float *left,
                                     const float *right, float *output) {
  PAIR(x >= 0.0f ? x : x * y)
}
