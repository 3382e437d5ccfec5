/* Reference kernels of int16x8: int16 activations with zero point 0, int8 weights, an int64 bias.
 * Conventions are those of mlbench_kernels.h; multipliers beside a 64 bit sum have 15 bits.
 */
#ifndef MLBENCH_INT16_H
#define MLBENCH_INT16_H

#include <stdint.h>

#include "mlbench_activation.h"
#include "mlbench_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* CONV_2D: weights [output.c, filter.h, filter.w, filter_c]. DEPTHWISE_CONV_2D: weights [1,
 * filter.h, filter.w, output.c]. bias [output.c] or null; multipliers and shifts [output.c].
 * bias: int64_t; if `narrow`, int32_t, the sums have 32 bits, and multipliers 31 bits. */
struct mlbench_convolution_int16 {
  const int8_t *weights;
  const void *bias;
  const int32_t *multipliers;
  const int32_t *shifts;
  struct mlbench_image input, output;
  struct mlbench_extent filter;
  int32_t filter_c, depth_multiplier;
  int32_t narrow;
  struct mlbench_extent stride, dilation, padding;
  int32_t activation_min, activation_max;
};

/* FULLY_CONNECTED: multipliers and shifts: one of each, or, when `per_channel`, [out_features].
 * `narrow` as in a convolution. */
struct mlbench_fully_connected_int16 {
  const int8_t *weights;
  const void *bias;
  const int32_t *multipliers;
  const int32_t *shifts;
  int32_t per_channel;
  int32_t batches, in_features, out_features;
  int32_t weights_offset;
  int32_t narrow;
  int32_t activation_min, activation_max;
};

/* One factor: multiplier * 2^(shift - 31). */
struct mlbench_factor {
  int32_t multiplier, shift;
};

/* ADD, SUB and MUL; `broadcast` is null when both operands have the output's shape. */
struct mlbench_elementwise_int16 {
  const struct mlbench_broadcast *broadcast;
  int32_t count;
  struct mlbench_factor left, right, output;
  int32_t activation_min, activation_max;
};

/* LOGISTIC and TANH as in mlbench_sigmoid16.h. */
struct mlbench_curve_int16 {
  const uint16_t *table;
  int32_t count;
  int32_t multiplier, shift;
};

struct mlbench_affine_int16 {
  int32_t count;
  float scale;
};

/* ABS (not scaled when the multiplier is 0) and RSQRT. */
struct mlbench_unary_int16 {
  int32_t count;
  int32_t input_offset, output_offset;
  int32_t multiplier, shift;
};

/* TRANSPOSE_CONV as in mlbench_images.h. */
struct mlbench_transpose_conv_int16 {
  const int8_t *weights;
  const int64_t *bias;
  const int32_t *multipliers;
  const int32_t *shifts;
  struct mlbench_image input, output;
  struct mlbench_extent filter, stride, padding;
  int32_t activation_min, activation_max;
};

void mlbench_reference_conv2d_int16(const struct mlbench_convolution_int16 *params,
                                    const int16_t *input, int16_t *output);
void mlbench_reference_depthwise_conv2d_int16(const struct mlbench_convolution_int16 *params,
                                              const int16_t *input, int16_t *output);
void mlbench_reference_fully_connected_int16(const struct mlbench_fully_connected_int16 *params,
                                             const int16_t *input, int16_t *output);
void mlbench_reference_average_pool2d_int16(const struct mlbench_pool2d *params,
                                            const int16_t *input, int16_t *output);
void mlbench_reference_max_pool2d_int16(const struct mlbench_pool2d *params, const int16_t *input,
                                        int16_t *output);
void mlbench_reference_add_int16(const struct mlbench_elementwise_int16 *params,
                                 const int16_t *left, const int16_t *right, int16_t *output);
void mlbench_reference_sub_int16(const struct mlbench_elementwise_int16 *params,
                                 const int16_t *left, const int16_t *right, int16_t *output);
void mlbench_reference_mul_int16(const struct mlbench_elementwise_int16 *params,
                                 const int16_t *left, const int16_t *right, int16_t *output);
void mlbench_reference_rescale_int16(const struct mlbench_rescale *params, const int16_t *input,
                                     int16_t *output);
void mlbench_reference_rescale_int16_to_int8(const struct mlbench_rescale *params,
                                             const int16_t *input, int8_t *output);
void mlbench_reference_rescale_int8_to_int16(const struct mlbench_rescale *params,
                                             const int8_t *input, int16_t *output);
void mlbench_reference_rescale_int32_to_int16(const struct mlbench_rescale *params,
                                              const int32_t *input, int16_t *output);
void mlbench_reference_rescale_int32_to_int8(const struct mlbench_rescale *params,
                                             const int32_t *input, int8_t *output);
void mlbench_reference_quantize_int16(const struct mlbench_affine_int16 *params, const float *input,
                                      int16_t *output);
void mlbench_reference_dequantize_int16(const struct mlbench_affine_int16 *params,
                                        const int16_t *input, float *output);
void mlbench_reference_logistic_int16(const struct mlbench_curve_int16 *params,
                                      const int16_t *input, int16_t *output);
void mlbench_reference_tanh_int16(const struct mlbench_curve_int16 *params, const int16_t *input,
                                  int16_t *output);
void mlbench_reference_leaky_relu_int16(const struct mlbench_leaky_relu *params,
                                        const int16_t *input, int16_t *output);
void mlbench_reference_abs_int16(const struct mlbench_unary_int16 *params, const int16_t *input,
                                 int16_t *output);
void mlbench_reference_rsqrt_int16(const struct mlbench_unary_int16 *params, const int16_t *input,
                                   int16_t *output);
void mlbench_reference_mean_int16(const struct mlbench_mean *params, const int16_t *input,
                                  int16_t *output);
void mlbench_reference_transpose_conv_int16(const struct mlbench_transpose_conv_int16 *params,
                                            const int16_t *input, int16_t *output);

#ifdef __cplusplus
}
#endif

#endif
