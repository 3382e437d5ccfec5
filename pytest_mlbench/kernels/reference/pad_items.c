/* PAD and PADV2 of elements of 2 or 4 bytes: the output is filled with the value, then the input's
 * runs are copied. */
#include <string.h>

#include "mlbench_moves.h"

void mlbench_reference_pad_items(const struct mlbench_pad_items *params, const void *input,
                                 void *output) {
  const struct mlbench_pad *pad = &params->pad;
  const int32_t last = MLBENCH_MAX_DIMS - 1;
  const size_t run = (size_t)pad->size[last], item = (size_t)params->item;
  const uint8_t *from = input;
  uint8_t *to = output;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  int32_t dim;
  for (size_t i = 0; i < (size_t)pad->output_bytes; i += item) {
    memcpy(to + i, params->value, item);
  }
  to += pad->first;
  do {
    memcpy(to, from, run);
    from += run;
    for (dim = last - 1; dim >= 0; --dim) {
      to += pad->output_step[dim];
      if (++index[dim] < pad->size[dim]) {
        break;
      }
      to -= pad->output_step[dim] * pad->size[dim];
      index[dim] = 0;
    }
  } while (dim >= 0);
}
