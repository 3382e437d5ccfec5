/* Kernels that take the reference kernels' structs: vector_copy.c. */
#ifndef MLBENCH_TUNED_COPY_H
#define MLBENCH_TUNED_COPY_H

#include "mlbench_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

void mlbench_tuned_vector_pad(const struct mlbench_pad *params, const void *input, void *output);
void mlbench_tuned_vector_concatenation(const struct mlbench_concatenation *params,
                                        const void *const *inputs, void *output);

#ifdef __cplusplus
}
#endif

#endif
