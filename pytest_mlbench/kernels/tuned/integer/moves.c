/* Operators that move bytes: PAD, CONCATENATION, SPLIT, slices, TRANSPOSE, RESIZE_NEAREST_NEIGHBOR
 * and others, with the reference kernels' structs. Every kernel copies the longest contiguous runs,
 * many at once: copy_rows.c, with vectors vector_move.S.
 *
 * Instructions per byte of long runs: 0.6 if both ends are whole words, 1.9 if not; with vectors
 * 1/16 at VLEN 128. A row of a resized image that repeats the row before is one run. A transposed
 * byte takes 5.3: `transpose` goes along the longest dimension, whichever it is.
 */
#include "mlbench_tuned_moves.h"

#define LAST (MLBENCH_MAX_DIMS - 1)

void mlbench_tuned_pad(const struct mlbench_pad *params, const void *input, void *output) {
  const int32_t run = params->size[LAST], rows = params->size[LAST - 1];
  const int8_t *from = input;
  int8_t *to = (int8_t *)output + params->first;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  int32_t dim;
  MLBENCH_FILL(output, params->value, params->output_bytes);
  do {
    MLBENCH_COPY_ROWS(to, from, rows, params->output_step[LAST - 1], run, run);
    from += rows * run;
    for (dim = LAST - 2; dim >= 0; --dim) {
      to += params->output_step[dim];
      if (++index[dim] < params->size[dim]) {
        break;
      }
      to -= params->output_step[dim] * params->size[dim];
      index[dim] = 0;
    }
  } while (dim >= 0);
}

static int32_t sum(const int32_t *values, int32_t count) {
  int32_t total = 0;
  for (int32_t i = 0; i < count; ++i) {
    total += values[i];
  }
  return total;
}

void mlbench_tuned_concatenation(const struct mlbench_concatenation *params,
                                 const void *const *inputs, void *output) {
  const int32_t row = sum(params->row_bytes, params->inputs);
  int8_t *to = output;
  for (int32_t i = 0; i < params->inputs; ++i) {
    const int32_t bytes = params->row_bytes[i];
    MLBENCH_COPY_ROWS(to, inputs[i], params->rows, row, bytes, bytes);
    to += bytes;
  }
}

void mlbench_tuned_split(const struct mlbench_split *params, const void *input,
                         const void *const *outputs) {
  const int32_t row = sum(params->row_bytes, params->outputs);
  const int8_t *from = input;
  for (int32_t i = 0; i < params->outputs; ++i) {
    const int32_t bytes = params->row_bytes[i];
    MLBENCH_COPY_ROWS((int8_t *)outputs[i], from, params->rows, bytes, row, bytes);
    from += bytes;
  }
}

void mlbench_tuned_strided_copy(const struct mlbench_strided_copy *params, const void *input,
                                void *output) {
  const int32_t run = params->run, rows = params->size[LAST], step = params->step[LAST];
  const int8_t *from = (const int8_t *)input + params->first;
  int8_t *to = output;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  int32_t dim;
  do {
    if (run == 1) {
      MLBENCH_MOVE_BYTES(to, from, rows, 1, step);
    } else {
      MLBENCH_COPY_ROWS(to, from, rows, run, step, run);
    }
    to += rows * run;
    for (dim = LAST - 1; dim >= 0; --dim) {
      if (++index[dim] < params->size[dim]) {
        from += params->step[dim];
        break;
      }
      from -= params->step[dim] * (params->size[dim] - 1);
      index[dim] = 0;
    }
  } while (dim >= 0);
}

void mlbench_tuned_transpose(const struct mlbench_tuned_transpose *params, const void *input,
                             void *output) {
  const int32_t last = MLBENCH_MAX_DIMS;
  const int8_t *from = (const int8_t *)input + params->first;
  int8_t *to = output;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  int32_t dim;
  do {
    MLBENCH_MOVE_BYTES(to, from, params->size[last], params->to[last], params->from[last]);
    for (dim = last - 1; dim >= 0; --dim) {
      from += params->from[dim];
      to += params->to[dim];
      if (++index[dim] < params->size[dim]) {
        break;
      }
      from -= params->from[dim] * params->size[dim];
      to -= params->to[dim] * params->size[dim];
      index[dim] = 0;
    }
  } while (dim >= 0);
}

/* The runs of one output row; neighbouring runs are one copy. */
static void pick_row(int8_t *to, const int8_t *from, const int32_t *table, int32_t count,
                     int32_t run) {
  for (int32_t i = 0; i < count;) {
    const int32_t start = table[i];
    int32_t bytes = run;
    while (++i < count && table[i] == start + bytes) {
      bytes += run;
    }
    MLBENCH_COPY_ROWS(to, from + start, 1, bytes, bytes, bytes);
    to += bytes;
  }
}

void mlbench_tuned_pick(const struct mlbench_pick *params, const void *input, void *output) {
  const int32_t row = params->size[LAST] * params->run;
  int32_t index[MLBENCH_MAX_DIMS] = {0};
  int32_t before = -1, dim;
  int8_t *to = output;
  do {
    int32_t outer = 0;
    for (dim = 0; dim < LAST; ++dim) {
      outer += params->table[dim][index[dim]];
    }
    if (outer == before) {
      MLBENCH_COPY_ROWS(to, to - row, 1, row, row, row);
    } else {
      pick_row(to, (const int8_t *)input + outer, params->table[LAST], params->size[LAST],
               params->run);
    }
    before = outer;
    to += row;
    for (dim = LAST - 1; dim >= 0; --dim) {
      if (++index[dim] < params->size[dim]) {
        break;
      }
      index[dim] = 0;
    }
  } while (dim >= 0);
}
