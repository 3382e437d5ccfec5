/* BATCH_MATMUL, int8.
 *
 * Arithmetic: the sum over depth of (left + left_offset) * (right + right_offset), scaled with
 * double rounding; output_offset added, clamped.
 */
#include "mlbench_pairs.h"
#include "mlbench_requantise.h"

static int8_t *matrix(const struct mlbench_batch_matmul *params, const int8_t *left,
                      const int8_t *right, int8_t *output) {
  for (int32_t row = 0; row < params->rows; ++row) {
    for (int32_t column = 0; column < params->columns; ++column) {
      const int8_t *one = left + row * params->left_row_step;
      const int8_t *other = right + column * params->right_column_step;
      int32_t sum = 0;
      for (int32_t i = 0; i < params->depth; ++i) {
        sum += (*one + params->left_offset) * (*other + params->right_offset);
        one += params->left_depth_step;
        other += params->right_depth_step;
      }
      sum = mlbench_requantise(sum, params->multiplier, params->shift);
      *output++ = (int8_t)mlbench_clamp(sum + params->output_offset, -128, 127);
    }
  }
  return output;
}

void mlbench_reference_batch_matmul(const struct mlbench_batch_matmul *params, const int8_t *left,
                                    const int8_t *right, int8_t *output) {
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
