/* CONCATENATION: inputs of one quantisation are copied run by run; nothing is rescaled. */
#include <string.h>

#include "mlbench_kernels.h"

void mlbench_reference_concatenation(const struct mlbench_concatenation *params,
                                     const void *const *inputs, void *output) {
  int8_t *to = output;
  for (int32_t row = 0; row < params->rows; ++row) {
    for (int32_t i = 0; i < params->inputs; ++i) {
      const size_t run = (size_t)params->row_bytes[i];
      memcpy(to, (const int8_t *)inputs[i] + (size_t)row * run, run);
      to += run;
    }
  }
}
