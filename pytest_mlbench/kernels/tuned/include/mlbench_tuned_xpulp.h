/* The prototypes and argument structs of the kernels for CORE-V SIMD: see mlbench_tuned.h. */
#ifndef MLBENCH_TUNED_XPULP_H
#define MLBENCH_TUNED_XPULP_H

#include "mlbench_tuned_integer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A matrix product over patches: xpulp_gemm.S, with a stream of its own. */
void mlbench_tuned_xpulp_gemm_4x4(const struct mlbench_tuned_gemm *params,
                                  const int8_t *const *rows, int8_t *output);
void mlbench_tuned_xpulp_gemm_1x4(const struct mlbench_tuned_gemm *params, const int8_t *row,
                                  int8_t *output);

void mlbench_tuned_xpulp_conv2d(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                int8_t *output, void *scratch);
void mlbench_tuned_xpulp_conv2d_1x1(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                    int8_t *output, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
