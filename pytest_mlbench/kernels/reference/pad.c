/* PAD and PADV2, int8: the output is filled with the value, then the input's runs are copied. */
#include <string.h>

#include "mlbench_kernels.h"

void mlbench_reference_pad(const struct mlbench_pad *params, const void *input, void *output) {
  const int32_t last = MLBENCH_MAX_DIMS - 1;
  const size_t run = (size_t)params->size[last];
  const int8_t *from = input;
  int8_t *to = (int8_t *)output + params->first;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  int32_t dim;
  memset(output, params->value, (size_t)params->output_bytes);
  do {
    memcpy(to, from, run);
    from += run;
    for (dim = last - 1; dim >= 0; --dim) {
      to += params->output_step[dim];
      if (++index[dim] < params->size[dim]) {
        break;
      }
      to -= params->output_step[dim] * params->size[dim];
      index[dim] = 0;
    }
  } while (dim >= 0);
}
