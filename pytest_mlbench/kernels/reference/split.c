/* SPLIT, SPLIT_V and UNPACK: rows of the input are distributed to the outputs run by run. */
#include <string.h>

#include "mlbench_moves.h"

void mlbench_reference_split(const struct mlbench_split *params, const void *input,
                             const void *const *outputs) {
  const int8_t *from = input;
  for (int32_t row = 0; row < params->rows; ++row) {
    for (int32_t i = 0; i < params->outputs; ++i) {
      const size_t run = (size_t)params->row_bytes[i];
      memcpy((int8_t *)outputs[i] + (size_t)row * run, from, run);
      from += run;
    }
  }
}
