/* GATHER and GATHER_ND: slices by indices. An index out of range is clamped; in TensorFlow Lite
 * it is undefined. */
#include <string.h>

#include "mlbench_moves.h"
#include "mlbench_requantise.h"

void mlbench_reference_gather(const struct mlbench_gather *params, const void *input,
                              const int32_t *indices, void *output) {
  const int8_t *block = input;
  int8_t *to = output;
  for (int32_t batch = 0; batch < params->batches; ++batch) {
    for (int32_t outer = 0; outer < params->outer; ++outer) {
      for (int32_t i = 0; i < params->count; ++i) {
        const int32_t place = mlbench_clamp(indices[i], 0, params->size - 1);
        memcpy(to, block + place * params->run, (size_t)params->run);
        to += params->run;
      }
      block += params->size * params->run;
    }
    indices += params->count;
  }
}

void mlbench_reference_gather_nd(const struct mlbench_gather_nd *params, const void *input,
                                 const int32_t *indices, void *output) {
  int8_t *to = output;
  for (int32_t i = 0; i < params->count; ++i) {
    const int8_t *from = input;
    for (int32_t dim = 0; dim < params->depth; ++dim) {
      from += mlbench_clamp(*indices++, 0, params->size[dim] - 1) * params->step[dim];
    }
    memcpy(to, from, (size_t)params->run);
    to += params->run;
  }
}
