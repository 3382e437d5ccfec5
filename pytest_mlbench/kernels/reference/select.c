/* SELECT_V2: an element of one of two inputs, all broadcast. */
#include <string.h>

#include "mlbench_pairs.h"

void mlbench_reference_select(const struct mlbench_select *params, const uint8_t *condition,
                              const void *left, const void *right, void *output) {
  const size_t item = (size_t)params->item;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  const int8_t *one = left;
  const int8_t *other = right;
  int8_t *to = output;
  int32_t dim;
  do {
    memcpy(to, *condition ? one : other, item);
    to += item;
    for (dim = MLBENCH_MAX_DIMS - 1; dim >= 0; --dim) {
      const int32_t last = params->size[dim] - 1;
      if (++index[dim] <= last) {
        condition += params->condition_step[dim];
        one += params->left_step[dim] * params->item;
        other += params->right_step[dim] * params->item;
        break;
      }
      condition -= params->condition_step[dim] * last;
      one -= params->left_step[dim] * params->item * last;
      other -= params->right_step[dim] * params->item * last;
      index[dim] = 0;
    }
  } while (dim >= 0);
}
