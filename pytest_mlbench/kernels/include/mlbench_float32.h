/* Reference kernels of float32: what stands at the border of an integer model. */
#ifndef MLBENCH_FLOAT32_H
#define MLBENCH_FLOAT32_H

#include <stdint.h>

#include "mlbench_kernels.h"
#include "mlbench_reductions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A function of one value, `count` times; `alpha` is LEAKY_RELU's. */
struct mlbench_unary_float32 {
  int32_t count;
  float alpha;
};

/* Of two values; `broadcast` is null when both operands have the output's shape. */
struct mlbench_pair_float32 {
  const struct mlbench_broadcast *broadcast;
  int32_t count;
  float activation_min, activation_max;
};

/* AVERAGE_POOL_2D and MAX_POOL_2D. */
struct mlbench_pool2d_float32 {
  struct mlbench_image input, output;
  struct mlbench_extent filter, stride, padding;
  float activation_min, activation_max;
};

/* SUM, and MEAN, whose divisor is the count: loops as in MEAN of int8. */
struct mlbench_sum_float32 {
  struct mlbench_steps kept[MLBENCH_MAX_DIMS / 2], reduced[MLBENCH_MAX_DIMS / 2];
  float divisor;
};

void mlbench_reference_average_pool2d_float32(const struct mlbench_pool2d_float32 *params,
                                              const float *input, float *output);
void mlbench_reference_max_pool2d_float32(const struct mlbench_pool2d_float32 *params,
                                          const float *input, float *output);
void mlbench_reference_sum_float32(const struct mlbench_sum_float32 *params, const float *input,
                                   float *output);
void mlbench_reference_extreme_float32(const struct mlbench_extreme *params, const float *input,
                                       float *output);
void mlbench_reference_arg_extreme_float32(const struct mlbench_arg_extreme *params,
                                           const float *input, int32_t *output);
void mlbench_reference_hard_swish_float32(const struct mlbench_unary_float32 *params,
                                          const float *input, float *output);
void mlbench_reference_prelu_float32(const struct mlbench_pair_float32 *params, const float *input,
                                     const float *alpha, float *output);
void mlbench_reference_abs_float32(const struct mlbench_unary_float32 *params, const float *input,
                                   float *output);
void mlbench_reference_neg_float32(const struct mlbench_unary_float32 *params, const float *input,
                                   float *output);
void mlbench_reference_sqrt_float32(const struct mlbench_unary_float32 *params, const float *input,
                                    float *output);
void mlbench_reference_rsqrt_float32(const struct mlbench_unary_float32 *params, const float *input,
                                     float *output);
void mlbench_reference_ceil_float32(const struct mlbench_unary_float32 *params, const float *input,
                                    float *output);
void mlbench_reference_floor_float32(const struct mlbench_unary_float32 *params, const float *input,
                                     float *output);
void mlbench_reference_round_float32(const struct mlbench_unary_float32 *params, const float *input,
                                     float *output);
void mlbench_reference_square_float32(const struct mlbench_unary_float32 *params,
                                      const float *input, float *output);
void mlbench_reference_relu_float32(const struct mlbench_unary_float32 *params, const float *input,
                                    float *output);
void mlbench_reference_relu6_float32(const struct mlbench_unary_float32 *params, const float *input,
                                     float *output);
void mlbench_reference_leaky_relu_float32(const struct mlbench_unary_float32 *params,
                                          const float *input, float *output);
void mlbench_reference_add_float32(const struct mlbench_pair_float32 *params, const float *left,
                                   const float *right, float *output);
void mlbench_reference_sub_float32(const struct mlbench_pair_float32 *params, const float *left,
                                   const float *right, float *output);
void mlbench_reference_mul_float32(const struct mlbench_pair_float32 *params, const float *left,
                                   const float *right, float *output);
void mlbench_reference_div_float32(const struct mlbench_pair_float32 *params, const float *left,
                                   const float *right, float *output);
void mlbench_reference_maximum_float32(const struct mlbench_pair_float32 *params, const float *left,
                                       const float *right, float *output);
void mlbench_reference_minimum_float32(const struct mlbench_pair_float32 *params, const float *left,
                                       const float *right, float *output);
void mlbench_reference_squared_difference_float32(const struct mlbench_pair_float32 *params,
                                                  const float *left, const float *right,
                                                  float *output);

#ifdef __cplusplus
}
#endif

#endif
