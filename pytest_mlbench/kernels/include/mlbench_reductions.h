/* Reference kernels that find the largest or smallest value. Conventions are those of
 * mlbench_kernels.h.
 */
#ifndef MLBENCH_REDUCTIONS_H
#define MLBENCH_REDUCTIONS_H

#include <stdint.h>

#include "mlbench_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* REDUCE_MAX and REDUCE_MIN (sign -1): loops as in MEAN; stored values are compared. */
struct mlbench_extreme {
  struct mlbench_steps kept[MLBENCH_MAX_DIMS / 2], reduced[MLBENCH_MAX_DIMS / 2];
  int32_t sign;
};

/* ARG_MAX and ARG_MIN (sign -1): the index of the first extreme value among `size` values. */
struct mlbench_arg_extreme {
  int32_t outer, size, inner;
  int32_t sign;
};

void mlbench_reference_extreme(const struct mlbench_extreme *params, const int8_t *input,
                               int8_t *output);
void mlbench_reference_arg_extreme(const struct mlbench_arg_extreme *params, const int8_t *input,
                                   int32_t *output);

#ifdef __cplusplus
}
#endif

#endif
