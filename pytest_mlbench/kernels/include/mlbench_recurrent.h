/* Reference kernels that keep a state from one inference to the next. Conventions are those of
 * mlbench_kernels.h.
 */
#ifndef MLBENCH_RECURRENT_H
#define MLBENCH_RECURRENT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* SVDF. filters = units * rank; feature_weights [filters, features], time_weights [filters,
 * memory], bias [units] or null; the state [batches, filters, memory]. */
struct mlbench_svdf {
  int32_t batches, features, units, rank, memory;
  const int8_t *feature_weights;
  const int16_t *time_weights;
  const int32_t *bias;
  int32_t input_offset, output_offset;
  int32_t state_multiplier, state_shift;
  int32_t multiplier, shift;
};

void mlbench_reference_svdf(const struct mlbench_svdf *params, const int8_t *input, int16_t *state,
                            int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
