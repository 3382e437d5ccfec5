/* Reference kernels of activation functions that have arithmetic of their own. Conventions are
 * those of mlbench_kernels.h.
 */
#ifndef MLBENCH_ACTIVATION_H
#define MLBENCH_ACTIVATION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* LEAKY_RELU: one factor for values from zero on, one (alpha) for those below. */
struct mlbench_leaky_relu {
  int32_t count;
  int32_t input_offset, output_offset;
  int32_t multiplier, shift;
  int32_t alpha_multiplier, alpha_shift;
};

void mlbench_reference_leaky_relu(const struct mlbench_leaky_relu *params, const int8_t *input,
                                  int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
