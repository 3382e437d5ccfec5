/* Kernels that move bytes and take the reference kernels' structs: moves.c. */
#ifndef MLBENCH_TUNED_MOVES_H
#define MLBENCH_TUNED_MOVES_H

#include "mlbench_moves.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `rows` rows of `count` bytes: copy_rows.c, vector_move.S. */
typedef void mlbench_tuned_copy_rows_function(int8_t *to, const int8_t *from, int32_t rows,
                                              int32_t to_pitch, int32_t from_pitch, int32_t count);
/* `count` bytes with one value. */
typedef void mlbench_tuned_fill_function(int8_t *to, int32_t value, int32_t count);
/* `count` bytes, both ends with a step from byte to byte. */
typedef void mlbench_tuned_move_bytes_function(int8_t *to, const int8_t *from, int32_t count,
                                               int32_t to_step, int32_t from_step);

mlbench_tuned_copy_rows_function mlbench_tuned_copy_rows, mlbench_tuned_vector_copy_rows;
mlbench_tuned_fill_function mlbench_tuned_fill, mlbench_tuned_vector_fill;
mlbench_tuned_move_bytes_function mlbench_tuned_move_bytes, mlbench_tuned_vector_move_bytes;

#ifdef MLBENCH_TUNED_VLENB
#define MLBENCH_COPY_ROWS mlbench_tuned_vector_copy_rows
#define MLBENCH_FILL mlbench_tuned_vector_fill
#define MLBENCH_MOVE_BYTES mlbench_tuned_vector_move_bytes
#else
#define MLBENCH_COPY_ROWS mlbench_tuned_copy_rows
#define MLBENCH_FILL mlbench_tuned_fill
#define MLBENCH_MOVE_BYTES mlbench_tuned_move_bytes
#endif

/* Bytes in any order of dimensions: for each step along dimension i, the input advances by from[i]
 * bytes, beginning at byte `first`, and the output by to[i]. Unused leading dimensions have size 1.
 */
struct mlbench_tuned_transpose {
  int32_t size[MLBENCH_MAX_DIMS + 1];
  int32_t from[MLBENCH_MAX_DIMS + 1];
  int32_t to[MLBENCH_MAX_DIMS + 1];
  int32_t first;
};

void mlbench_tuned_transpose(const struct mlbench_tuned_transpose *params, const void *input,
                             void *output);
void mlbench_tuned_pad(const struct mlbench_pad *params, const void *input, void *output);
void mlbench_tuned_concatenation(const struct mlbench_concatenation *params,
                                 const void *const *inputs, void *output);
void mlbench_tuned_split(const struct mlbench_split *params, const void *input,
                         const void *const *outputs);
void mlbench_tuned_strided_copy(const struct mlbench_strided_copy *params, const void *input,
                                void *output);
void mlbench_tuned_pick(const struct mlbench_pick *params, const void *input, void *output);

#ifdef __cplusplus
}
#endif

#endif
