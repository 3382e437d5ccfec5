/* The C side of the kernel interface: argument structs, and the reference kernels' prototypes.
 *
 * Every kernel is `void NAME(const struct mlbench_X *params, <tensor pointers> [, void *scratch])`.
 * Another library's kernel of the same kind takes the same struct and the same pointers under its
 * own prefix, and may take scratch as the last argument. Nothing is checked at run time: the
 * generator only writes valid calls.
 *
 * Conventions, those of TensorFlow Lite:
 *  - Activations are NHWC, int8 unless the kernel's name says otherwise.
 *  - An offset is the term that is added: input offset = -zero point, output offset = zero point.
 *  - A multiplier and a shift stand for the real factor multiplier * 2^(shift - 31), multiplier in
 *    [2^30, 2^31) or 0; `mlbench_requantise.h` says how an accumulator is scaled by them.
 *  - Activation bounds are stored values, after the output offset was added.
 *  - `padding` counts rows above and columns left of the image; the rest follows from the sizes.
 */
#ifndef MLBENCH_KERNELS_H
#define MLBENCH_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The most dimensions of a strided loop over a tensor, after the generator has merged
 * neighbouring dimensions where possible. */
#define MLBENCH_MAX_DIMS 6

/* An image or a batch of images. */
struct mlbench_image {
  int32_t n, h, w, c;
};

struct mlbench_extent {
  int32_t h, w;
};

/* CONV_2D. weights [output.c, filter.h, filter.w, filter_c]; input.c is filter_c times the number
 * of groups. bias [output.c] or null; multipliers and shifts [output.c]. */
struct mlbench_conv2d {
  const int8_t *weights;
  const int32_t *bias;
  const int32_t *multipliers;
  const int32_t *shifts;
  struct mlbench_image input, output;
  struct mlbench_extent filter;
  int32_t filter_c;
  struct mlbench_extent stride, dilation, padding;
  int32_t input_offset, output_offset;
  int32_t activation_min, activation_max;
};

/* DEPTHWISE_CONV_2D. weights [1, filter.h, filter.w, output.c], output.c = input.c *
 * depth_multiplier; output channel m + c * depth_multiplier reads input channel c. */
struct mlbench_depthwise_conv2d {
  const int8_t *weights;
  const int32_t *bias;
  const int32_t *multipliers;
  const int32_t *shifts;
  struct mlbench_image input, output;
  struct mlbench_extent filter;
  int32_t depth_multiplier;
  struct mlbench_extent stride, dilation, padding;
  int32_t input_offset, output_offset;
  int32_t activation_min, activation_max;
};

/* FULLY_CONNECTED. weights [output_features, input_features] are an argument, since they may be an
 * activation. bias [output_features] or null. multipliers and shifts: one of each, or, when
 * `per_channel`, [output_features]. weights_offset = -zero point of the weights. */
struct mlbench_fully_connected {
  const int32_t *bias;
  const int32_t *multipliers;
  const int32_t *shifts;
  int32_t per_channel;
  int32_t batches, input_features, output_features;
  int32_t input_offset, weights_offset, output_offset;
  int32_t activation_min, activation_max;
};

/* AVERAGE_POOL_2D and MAX_POOL_2D: input and output have one quantisation. */
struct mlbench_pool2d {
  struct mlbench_image input, output;
  struct mlbench_extent filter, stride, padding;
  int32_t activation_min, activation_max;
};

/* Loops over two operands: sizes of the output, outermost first, and each operand's step in
 * elements per dimension (0 if it is broadcast). Unused leading dimensions are 1. */
struct mlbench_broadcast {
  int32_t size[MLBENCH_MAX_DIMS];
  int32_t left_step[MLBENCH_MAX_DIMS];
  int32_t right_step[MLBENCH_MAX_DIMS];
};

/* ADD, SUB, MUL, MAXIMUM, MINIMUM. `count`: elements of the output. `broadcast` is null when both
 * operands have the output's shape. ADD and SUB: both operands are shifted left by `left_shift`
 * and scaled by their own factor. MUL uses the offsets and the output's factor; MAXIMUM and
 * MINIMUM use neither offsets nor factors. */
struct mlbench_elementwise {
  const struct mlbench_broadcast *broadcast;
  int32_t count;
  int32_t left_shift;
  int32_t left_offset, left_multiplier, left_requantise_shift;
  int32_t right_offset, right_multiplier, right_requantise_shift;
  int32_t output_offset, output_multiplier, output_shift;
  int32_t activation_min, activation_max;
};

/* SOFTMAX over the innermost dimension. */
struct mlbench_softmax {
  int32_t rows, depth;
  int32_t multiplier, shift, diff_min;
};

/* A function of one int8: table[(uint8_t)value], `count` times. */
struct mlbench_lookup {
  const int8_t *table;
  int32_t count;
};

/* One scale to another with a clamp: RELU, RELU6 and QUANTIZE of integers. */
struct mlbench_rescale {
  int32_t count;
  int32_t input_offset, multiplier, shift, output_offset;
  int32_t activation_min, activation_max;
};

/* QUANTIZE from, DEQUANTIZE to float32: real = scale * (stored - zero_point). */
struct mlbench_affine {
  int32_t count;
  int32_t zero_point;
  float scale;
};

/* PAD, PADV2: the output is filled with `value`, then the input is written into it. Sizes are the
 * input's and steps the output's, in bytes, outermost first; the innermost step is 1. */
struct mlbench_pad {
  int32_t size[MLBENCH_MAX_DIMS];
  int32_t output_step[MLBENCH_MAX_DIMS];
  int32_t first; /* where the input's first byte goes */
  int32_t output_bytes;
  int32_t value;
};

/* One dimension of a loop: the number of steps, and the elements per step. */
struct mlbench_steps {
  int32_t count, step;
};

/* MEAN over the `reduced` dimensions for every index of the `kept` ones, outermost first, unused
 * ones of count 1 (kept and reduced ones alternate once neighbours are merged, so three of each
 * are six dimensions). The multiplier and shift include the division. */
struct mlbench_mean {
  struct mlbench_steps kept[MLBENCH_MAX_DIMS / 2], reduced[MLBENCH_MAX_DIMS / 2];
  int32_t input_offset, multiplier, shift, output_offset;
};

/* CONCATENATION: `rows` times, from each of `inputs` tensors `row_bytes[i]` bytes. */
struct mlbench_concatenation {
  const int32_t *row_bytes;
  int32_t inputs;
  int32_t rows;
};

/* The reference kernels. */

void mlbench_reference_conv2d(const struct mlbench_conv2d *params, const int8_t *input,
                              int8_t *output);
void mlbench_reference_depthwise_conv2d(const struct mlbench_depthwise_conv2d *params,
                                        const int8_t *input, int8_t *output);
void mlbench_reference_fully_connected(const struct mlbench_fully_connected *params,
                                       const int8_t *input, const int8_t *weights, int8_t *output);
void mlbench_reference_average_pool2d(const struct mlbench_pool2d *params, const int8_t *input,
                                      int8_t *output);
void mlbench_reference_max_pool2d(const struct mlbench_pool2d *params, const int8_t *input,
                                  int8_t *output);

void mlbench_reference_add(const struct mlbench_elementwise *params, const int8_t *left,
                           const int8_t *right, int8_t *output);
void mlbench_reference_sub(const struct mlbench_elementwise *params, const int8_t *left,
                           const int8_t *right, int8_t *output);
void mlbench_reference_mul(const struct mlbench_elementwise *params, const int8_t *left,
                           const int8_t *right, int8_t *output);
void mlbench_reference_maximum(const struct mlbench_elementwise *params, const int8_t *left,
                               const int8_t *right, int8_t *output);
void mlbench_reference_minimum(const struct mlbench_elementwise *params, const int8_t *left,
                               const int8_t *right, int8_t *output);

void mlbench_reference_softmax(const struct mlbench_softmax *params, const int8_t *input,
                               int8_t *output);
void mlbench_reference_lookup(const struct mlbench_lookup *params, const int8_t *input,
                              int8_t *output);

void mlbench_reference_rescale(const struct mlbench_rescale *params, const int8_t *input,
                               int8_t *output);
void mlbench_reference_rescale_from_uint8(const struct mlbench_rescale *params,
                                          const uint8_t *input, int8_t *output);
void mlbench_reference_rescale_to_uint8(const struct mlbench_rescale *params, const int8_t *input,
                                        uint8_t *output);
void mlbench_reference_quantize(const struct mlbench_affine *params, const float *input,
                                int8_t *output);
void mlbench_reference_dequantize(const struct mlbench_affine *params, const int8_t *input,
                                  float *output);
void mlbench_reference_dequantize_uint8(const struct mlbench_affine *params, const uint8_t *input,
                                        float *output);

void mlbench_reference_pad(const struct mlbench_pad *params, const void *input, void *output);
void mlbench_reference_mean(const struct mlbench_mean *params, const int8_t *input, int8_t *output);
void mlbench_reference_concatenation(const struct mlbench_concatenation *params,
                                     const void *const *inputs, void *output);

#ifdef __cplusplus
}
#endif

#endif
