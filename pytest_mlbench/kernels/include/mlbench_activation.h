/* Reference kernels of activation functions that have arithmetic of their own. Conventions are
 * those of mlbench_kernels.h.
 */
#ifndef MLBENCH_ACTIVATION_H
#define MLBENCH_ACTIVATION_H

#include <stdint.h>

#include "mlbench_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* LEAKY_RELU: one factor for values >= 0, another (alpha) for values < 0. */
struct mlbench_leaky_relu {
  int32_t count;
  int32_t input_offset, output_offset;
  int32_t multiplier, shift;
  int32_t alpha_multiplier, alpha_shift;
};

/* PRELU: as LEAKY_RELU, with a factor alpha per element. `broadcast` is null when alpha has the
 * input's shape; its left side is the input. */
struct mlbench_prelu {
  const struct mlbench_broadcast *broadcast;
  int32_t count;
  int32_t input_offset, alpha_offset, output_offset;
  int32_t multiplier, shift;
  int32_t alpha_multiplier, alpha_shift;
};

/* L2_NORMALIZATION over the innermost dimension. */
struct mlbench_l2_normalization {
  int32_t rows, depth;
  int32_t input_offset;
};

void mlbench_reference_leaky_relu(const struct mlbench_leaky_relu *params, const int8_t *input,
                                  int8_t *output);
void mlbench_reference_prelu(const struct mlbench_prelu *params, const int8_t *input,
                             const int8_t *alpha, int8_t *output);
void mlbench_reference_prelu_int16(const struct mlbench_prelu *params, const int16_t *input,
                                   const int8_t *alpha, int16_t *output);
void mlbench_reference_l2_normalization(const struct mlbench_l2_normalization *params,
                                        const int8_t *input, int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
