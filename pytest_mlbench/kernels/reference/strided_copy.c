/* STRIDED_SLICE, SLICE, TRANSPOSE, BROADCAST_TO, SPACE_TO_DEPTH and DEPTH_TO_SPACE: the input is
 * walked by steps, the output is written from front to back. */
#include <string.h>

#include "mlbench_moves.h"

void mlbench_reference_strided_copy(const struct mlbench_strided_copy *params, const void *input,
                                    void *output) {
  const int32_t last = MLBENCH_MAX_DIMS - 1;
  const size_t run = (size_t)params->run;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  const int8_t *from = (const int8_t *)input + params->first;
  int8_t *to = output;
  int32_t dim;
  do {
    memcpy(to, from, run);
    to += run;
    for (dim = last; dim >= 0; --dim) {
      if (++index[dim] < params->size[dim]) {
        from += params->step[dim];
        break;
      }
      from -= params->step[dim] * (params->size[dim] - 1);
      index[dim] = 0;
    }
  } while (dim >= 0);
}
