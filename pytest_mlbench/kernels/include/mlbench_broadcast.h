/* Goes through two operands that are broadcast to one shape, element by element. Not inline: what
 * includes this calls it, and the compiler decides.
 */
#ifndef MLBENCH_BROADCAST_H
#define MLBENCH_BROADCAST_H

#include <stddef.h>
#include <stdint.h>

#include "mlbench_kernels.h"

/* Advances `index` to the next element, and the operands' offsets with it. `broadcast` is null when
 * both operands have the output's shape. */
static void mlbench_next_pair(const struct mlbench_broadcast *broadcast, int32_t *index,
                              int32_t *left, int32_t *right) {
  if (broadcast == NULL) {
    ++*left;
    ++*right;
    return;
  }
  for (int32_t dim = MLBENCH_MAX_DIMS - 1; dim >= 0; --dim) {
    *left += broadcast->left_step[dim];
    *right += broadcast->right_step[dim];
    if (++index[dim] < broadcast->size[dim]) {
      return;
    }
    *left -= broadcast->left_step[dim] * broadcast->size[dim];
    *right -= broadcast->right_step[dim] * broadcast->size[dim];
    index[dim] = 0;
  }
}

#endif
