/* Reference kernels of sums over many values, and of quotients. Conventions are those of
 * mlbench_kernels.h.
 */
#ifndef MLBENCH_SUMS_H
#define MLBENCH_SUMS_H

#include <stdint.h>

#include "mlbench_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The scaling of int8 values to terms of a sum, and of the sum to an int8 value. */
struct mlbench_scaled_sum {
  int32_t input_offset, input_multiplier, input_shift;
  int32_t output_offset, output_multiplier, output_shift;
};

/* ADD_N: `inputs` tensors of `count` elements; `sum` is for int8 only. */
struct mlbench_add_n {
  struct mlbench_scaled_sum sum;
  int32_t count, inputs;
};

/* CUMSUM along an axis of `depth` elements, `inner` elements apart, in `outer` blocks. `exclusive`:
 * a sum excludes its own element. `reverse`: sums start at the end. `sum` is for int8 only. */
struct mlbench_cumsum {
  struct mlbench_scaled_sum sum;
  int32_t outer, depth, inner;
  int32_t exclusive, reverse;
};

/* DIV; `broadcast` is null when both operands have the output's shape. */
struct mlbench_div {
  const struct mlbench_broadcast *broadcast;
  int32_t count;
  int32_t left_offset, right_offset, output_offset;
  int32_t output_multiplier, output_shift;
  int32_t activation_min, activation_max;
};

void mlbench_reference_add_n(const struct mlbench_add_n *params, const void *const *inputs,
                             int8_t *output);
void mlbench_reference_add_n_float32(const struct mlbench_add_n *params, const void *const *inputs,
                                     float *output);
void mlbench_reference_cumsum(const struct mlbench_cumsum *params, const int8_t *input,
                              int8_t *output);
void mlbench_reference_cumsum_float32(const struct mlbench_cumsum *params, const float *input,
                                      float *output);
void mlbench_reference_div(const struct mlbench_div *params, const int8_t *left,
                           const int8_t *right, int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
