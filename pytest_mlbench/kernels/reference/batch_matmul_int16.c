/* BATCH_MATMUL, int16.
 *
 * Arithmetic: the sum over depth of left * right in 64 bits, times a multiplier of 15 bits, shifted
 * right by 15 - shift, to nearest with ties up; clamped.
 */
#include "mlbench_pairs.h"
#include "mlbench_wide.h"

static int16_t *matrix(const struct mlbench_batch_matmul *params, const int16_t *left,
                       const int16_t *right, int16_t *output) {
  for (int32_t row = 0; row < params->rows; ++row) {
    for (int32_t column = 0; column < params->columns; ++column) {
      const int16_t *one = left + row * params->left_row_step;
      const int16_t *other = right + column * params->right_column_step;
      int64_t sum = 0;
      for (int32_t i = 0; i < params->depth; ++i) {
        sum += *one * *other;
        one += params->left_depth_step;
        other += params->right_depth_step;
      }
      *output++ = mlbench_finish_wide(sum, params->multiplier, params->shift, INT16_MIN, INT16_MAX);
    }
  }
  return output;
}

void mlbench_reference_batch_matmul_int16(const struct mlbench_batch_matmul *params,
                                          const int16_t *left, const int16_t *right,
                                          int16_t *output) {
  for (int32_t i = 0; i < params->size[0]; ++i) {
    for (int32_t j = 0; j < params->size[1]; ++j) {
      for (int32_t k = 0; k < params->size[2]; ++k) {
        output = matrix(
            params,
            left + i * params->left_step[0] + j * params->left_step[1] + k * params->left_step[2],
            right + i * params->right_step[0] + j * params->right_step[1] +
                k * params->right_step[2],
            output);
      }
    }
  }
}
