/* PAD and CONCATENATION for V: fills and copies of rows (vector_move.S). The structs are those of
 * the reference kernels. */
#include "mlbench_tuned.h"
#include "mlbench_tuned_copy.h"

void mlbench_tuned_vector_pad(const struct mlbench_pad *params, const void *input, void *output) {
  const int32_t last = MLBENCH_MAX_DIMS - 1;
  const int32_t run = params->size[last], rows = params->size[last - 1];
  const int8_t *from = input;
  int8_t *to = (int8_t *)output + params->first;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  int32_t dim;
  mlbench_tuned_vector_fill(output, params->value, params->output_bytes);
  do {
    mlbench_tuned_vector_copy_rows(to, from, rows, params->output_step[last - 1], run, run);
    from += rows * run;
    for (dim = last - 2; dim >= 0; --dim) {
      to += params->output_step[dim];
      if (++index[dim] < params->size[dim]) {
        break;
      }
      to -= params->output_step[dim] * params->size[dim];
      index[dim] = 0;
    }
  } while (dim >= 0);
}

void mlbench_tuned_vector_concatenation(const struct mlbench_concatenation *params,
                                        const void *const *inputs, void *output) {
  int32_t row = 0;
  for (int32_t i = 0; i < params->inputs; ++i) {
    row += params->row_bytes[i];
  }
  int8_t *to = output;
  for (int32_t i = 0; i < params->inputs; ++i) {
    const int32_t bytes = params->row_bytes[i];
    mlbench_tuned_vector_copy_rows(to, inputs[i], params->rows, row, bytes, bytes);
    to += bytes;
  }
}
