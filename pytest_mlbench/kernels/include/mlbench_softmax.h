/* Reference kernels of SOFTMAX's other forms, and of LOG_SOFTMAX. Conventions are those of
 * mlbench_kernels.h.
 */
#ifndef MLBENCH_SOFTMAX_H
#define MLBENCH_SOFTMAX_H

#include <stdint.h>

#include "mlbench_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* SOFTMAX of int16 over the innermost dimension. `exponential` (of -10.0 to 0.0) and `reciprocal`
 * (1 / (1 + x) of 0.0 to 1.0) have 513 entries in Q0.15. */
struct mlbench_softmax_int16 {
  const int16_t *exponential, *reciprocal;
  int32_t rows, depth;
  int32_t multiplier, shift;
};

/* LOG_SOFTMAX over the innermost dimension; the reverse factor converts Q5.26 to steps. */
struct mlbench_log_softmax {
  int32_t rows, depth;
  int32_t multiplier, shift, diff_min;
  int32_t reverse_multiplier, reverse_shift;
};

void mlbench_reference_softmax_deep(const struct mlbench_softmax *params, const int8_t *input,
                                    int8_t *output);
void mlbench_reference_softmax_int8_to_int16(const struct mlbench_softmax *params,
                                             const int8_t *input, int16_t *output);
void mlbench_reference_softmax_int16(const struct mlbench_softmax_int16 *params,
                                     const int16_t *input, int16_t *output);
void mlbench_reference_log_softmax(const struct mlbench_log_softmax *params, const int8_t *input,
                                   int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
