/* RESIZE_NEAREST_NEIGHBOR, MIRROR_PAD and BATCH_TO_SPACE_ND: the input offset of each output run
 * is a sum of table entries, one per dimension. */
#include <string.h>

#include "mlbench_moves.h"

void mlbench_reference_pick(const struct mlbench_pick *params, const void *input, void *output) {
  const int32_t last = MLBENCH_MAX_DIMS - 1;
  const size_t run = (size_t)params->run;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  int8_t *to = output;
  int32_t dim;
  do {
    int32_t outer = 0;
    for (dim = 0; dim < last; ++dim) {
      outer += params->table[dim][index[dim]];
    }
    for (int32_t i = 0; i < params->size[last]; ++i) {
      memcpy(to, (const int8_t *)input + outer + params->table[last][i], run);
      to += run;
    }
    for (dim = last - 1; dim >= 0; --dim) {
      if (++index[dim] < params->size[dim]) {
        break;
      }
      index[dim] = 0;
    }
  } while (dim >= 0);
}
