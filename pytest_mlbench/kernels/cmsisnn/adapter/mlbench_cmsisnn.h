/* Adapter from the kernel interface of the `aot` backend to CMSIS-NN's documented int8 functions.
 *
 * muRISCV-NN's compatibility headers map the same names to its own, so this is its adapter too.
 * Everything that is known at build time is in constant structs of the library's own types; an
 * adapter function only fills in the context (scratch) and the pairs of pointers that the library
 * does not take as const.
 *
 * The library checks its arguments at run time. If it refuses them, the adapter is wrong or a
 * scratch buffer is too small; mlbench_cmsisnn_refused() then traps, so that the name is reported.
 */
#ifndef MLBENCH_CMSISNN_H
#define MLBENCH_CMSISNN_H

#include <stdint.h>

#include "arm_nnfunctions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* CONV_2D and DEPTHWISE_CONV_2D: weights [output.c, filter.h, filter.w, filter.c] and
 * [1, filter.h, filter.w, output.c]; one multiplier and shift per output channel. */
struct mlbench_cmsisnn_conv2d {
  cmsis_nn_conv_params params;
  cmsis_nn_dims input, filter, bias, output;
  const int8_t *weights;
  const int32_t *biases;
  const int32_t *multipliers;
  const int32_t *shifts;
};

struct mlbench_cmsisnn_depthwise_conv2d {
  cmsis_nn_dw_conv_params params;
  cmsis_nn_dims input, filter, bias, output;
  const int8_t *weights;
  const int32_t *biases;
  const int32_t *multipliers;
  const int32_t *shifts;
};

/* FULLY_CONNECTED: weights [filter.c, filter.n]; one multiplier and shift, or one per output. */
struct mlbench_cmsisnn_fully_connected {
  cmsis_nn_fc_params params;
  cmsis_nn_dims input, filter, bias, output;
  const int8_t *weights;
  const int32_t *biases;
  const int32_t *multipliers;
  const int32_t *shifts;
};

/* AVERAGE_POOL_2D and MAX_POOL_2D. */
struct mlbench_cmsisnn_pool2d {
  cmsis_nn_pool_params params;
  cmsis_nn_dims input, filter, output;
};

/* ADD and MUL of two operands of one shape. MUL uses no multiplier and shift of an operand. */
struct mlbench_cmsisnn_elementwise {
  int32_t left_offset, left_multiplier, left_requantise_shift;
  int32_t right_offset, right_multiplier, right_requantise_shift;
  int32_t left_shift;
  int32_t output_offset, output_multiplier, output_shift;
  cmsis_nn_activation activation;
  int32_t count;
};

struct mlbench_cmsisnn_softmax {
  int32_t rows, depth;
  int32_t multiplier, shift, diff_min;
};

/* Bytes of scratch that the library needs, and the check at initialisation that it does not need
 * more than was planned; otherwise mlbench_cmsisnn_scratch_too_small() traps. */
int32_t mlbench_cmsisnn_conv2d_scratch(const struct mlbench_cmsisnn_conv2d *layer);
void mlbench_cmsisnn_conv2d_prepare(const struct mlbench_cmsisnn_conv2d *layer, int32_t planned);
int32_t mlbench_cmsisnn_depthwise_conv2d_scratch(
    const struct mlbench_cmsisnn_depthwise_conv2d *layer);
void mlbench_cmsisnn_depthwise_conv2d_prepare(const struct mlbench_cmsisnn_depthwise_conv2d *layer,
                                              int32_t planned);
int32_t mlbench_cmsisnn_average_pool2d_scratch(const struct mlbench_cmsisnn_pool2d *layer);
void mlbench_cmsisnn_average_pool2d_prepare(const struct mlbench_cmsisnn_pool2d *layer,
                                            int32_t planned);

/* Bytes for the kernel sums of FULLY_CONNECTED, kept from initialisation on; 0 if it needs none. */
int32_t mlbench_cmsisnn_fully_connected_sums(const struct mlbench_cmsisnn_fully_connected *layer);

void mlbench_cmsisnn_conv2d(const struct mlbench_cmsisnn_conv2d *layer, const int8_t *input,
                            int8_t *output, void *scratch, int32_t scratch_bytes);
void mlbench_cmsisnn_depthwise_conv2d(const struct mlbench_cmsisnn_depthwise_conv2d *layer,
                                      const int8_t *input, int8_t *output, void *scratch,
                                      int32_t scratch_bytes);
/* Fills `sums` at initialisation; nothing when the library wants none. */
void mlbench_cmsisnn_fully_connected_prepare(const struct mlbench_cmsisnn_fully_connected *layer,
                                             void *sums);
void mlbench_cmsisnn_fully_connected(const struct mlbench_cmsisnn_fully_connected *layer,
                                     const int8_t *input, int8_t *output, void *sums);
void mlbench_cmsisnn_fully_connected_per_channel(
    const struct mlbench_cmsisnn_fully_connected *layer, const int8_t *input, int8_t *output,
    void *sums);
void mlbench_cmsisnn_average_pool2d(const struct mlbench_cmsisnn_pool2d *layer, const int8_t *input,
                                    int8_t *output, void *scratch, int32_t scratch_bytes);
void mlbench_cmsisnn_max_pool2d(const struct mlbench_cmsisnn_pool2d *layer, const int8_t *input,
                                int8_t *output);
void mlbench_cmsisnn_add(const struct mlbench_cmsisnn_elementwise *layer, const int8_t *left,
                         const int8_t *right, int8_t *output);
void mlbench_cmsisnn_mul(const struct mlbench_cmsisnn_elementwise *layer, const int8_t *left,
                         const int8_t *right, int8_t *output);
void mlbench_cmsisnn_softmax(const struct mlbench_cmsisnn_softmax *layer, const int8_t *input,
                             int8_t *output);

/* The library refused its arguments: traps. */
void mlbench_cmsisnn_refused(void) __attribute__((noreturn, noinline));
/* More scratch is asked for than while the firmware was probed: traps. */
void mlbench_cmsisnn_scratch_too_small(void) __attribute__((noreturn, noinline));

#ifdef __cplusplus
}
#endif

#endif
