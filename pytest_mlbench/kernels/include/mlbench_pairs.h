/* Reference kernels with two or three operands, in addition to those of mlbench_kernels.h:
 * comparisons, logic, int32 arithmetic, selection, conversions, matrix products.
 */
#ifndef MLBENCH_PAIRS_H
#define MLBENCH_PAIRS_H

#include <stdint.h>

#include "mlbench_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Types of elements, and operations, by number. */
enum { MLBENCH_INT8, MLBENCH_INT16, MLBENCH_INT32, MLBENCH_FLOAT32, MLBENCH_BOOL };
enum {
  MLBENCH_ADD,
  MLBENCH_SUB,
  MLBENCH_MUL,
  MLBENCH_MAXIMUM,
  MLBENCH_MINIMUM,
  MLBENCH_SQUARED_DIFFERENCE,
  MLBENCH_EQUAL,
  MLBENCH_NOT_EQUAL,
  MLBENCH_GREATER,
  MLBENCH_GREATER_EQUAL,
  MLBENCH_LESS,
  MLBENCH_LESS_EQUAL,
  MLBENCH_LOGICAL_AND,
  MLBENCH_LOGICAL_OR,
  MLBENCH_DIV
};

/* `broadcast` is null when both operands have the output's shape. Operands are (stored + offset) *
 * 2^left_shift, scaled, unless their multiplier is 0; so is the result, which is clamped. */
struct mlbench_pairwise {
  const struct mlbench_broadcast *broadcast;
  int32_t count, operation, input_type, output_type;
  int32_t left_shift;
  int32_t left_offset, left_multiplier, left_requantise_shift;
  int32_t right_offset, right_multiplier, right_requantise_shift;
  int32_t output_offset, output_multiplier, output_shift;
  int32_t activation_min, activation_max;
};

/* Two operands that are compared as they are; `broadcast` as above. */
struct mlbench_ordered {
  const struct mlbench_broadcast *broadcast;
  int32_t count, operation;
};

/* SELECT_V2: sizes of the output and each input's step in elements; `item` bytes per element. */
struct mlbench_select {
  int32_t size[MLBENCH_MAX_DIMS];
  int32_t condition_step[MLBENCH_MAX_DIMS];
  int32_t left_step[MLBENCH_MAX_DIMS];
  int32_t right_step[MLBENCH_MAX_DIMS];
  int32_t item;
};

struct mlbench_cast {
  int32_t count, source, target;
};

/* BATCH_MATMUL: for every index of the three batch dimensions, rows * columns sums over depth.
 * Steps in elements. */
struct mlbench_batch_matmul {
  int32_t size[3], left_step[3], right_step[3];
  int32_t rows, columns, depth;
  int32_t left_row_step, left_depth_step, right_depth_step, right_column_step;
  int32_t left_offset, right_offset, output_offset;
  int32_t multiplier, shift;
};

void mlbench_reference_pairwise(const struct mlbench_pairwise *params, const void *left,
                                const void *right, void *output);
void mlbench_reference_compare_int64(const struct mlbench_ordered *params, const int64_t *left,
                                     const int64_t *right, uint8_t *output);
void mlbench_reference_compare_float32(const struct mlbench_ordered *params, const float *left,
                                       const float *right, uint8_t *output);
void mlbench_reference_extreme_int64(const struct mlbench_ordered *params, const int64_t *left,
                                     const int64_t *right, int64_t *output);
void mlbench_reference_select(const struct mlbench_select *params, const uint8_t *condition,
                              const void *left, const void *right, void *output);
void mlbench_reference_cast(const struct mlbench_cast *params, const void *input, void *output);
void mlbench_reference_batch_matmul(const struct mlbench_batch_matmul *params, const int8_t *left,
                                    const int8_t *right, int8_t *output);
void mlbench_reference_batch_matmul_int16(const struct mlbench_batch_matmul *params,
                                          const int16_t *left, const int16_t *right,
                                          int16_t *output);

#ifdef __cplusplus
}
#endif

#endif
