/* L2_NORMALIZATION, int8, over the innermost dimension; output scale 1/128, zero point 0.
 *
 * Arithmetic: 1 / sqrt(sum of squares) as a multiplier and a shift by five steps of Newton and
 * Raphson in Q3.28 (x <- x (3 - n x x) / 2); the value scaled by 128 times it with double rounding.
 * Input and output may be the same buffer.
 */
#include "mlbench_activation.h"
#include "mlbench_inverse_sqrt.h"
#include "mlbench_requantise.h"

void mlbench_reference_l2_normalization(const struct mlbench_l2_normalization *params,
                                        const int8_t *input, int8_t *output) {
  for (int32_t row = 0; row < params->rows; ++row) {
    int32_t sum = 0;
    for (int32_t i = 0; i < params->depth; ++i) {
      const int32_t value = input[i] + params->input_offset;
      sum += value * value;
    }
    int32_t shift = 0;
    const int32_t multiplier = sum <= 1 ? INT32_MAX : mlbench_inverse_sqrt(sum, &shift);
    for (int32_t i = 0; i < params->depth; ++i) {
      const int32_t value = input[i] + params->input_offset;
      output[i] =
          (int8_t)mlbench_clamp(mlbench_requantise(value, multiplier, shift + 7), -128, 127);
    }
    input += params->depth;
    output += params->depth;
  }
}
