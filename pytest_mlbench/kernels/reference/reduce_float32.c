/* SUM, MEAN, REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN, float32.
 *
 * Arithmetic: values are added to 0 one by one in the order in which they are stored; the sum is
 * divided by `divisor`. The extremes begin at the least float. A NaN is never greater or less.
 */
#include <float.h>

#include "mlbench_float32.h"

typedef float reduce_function(const struct mlbench_steps *reduced, const float *input, float sign);

static float sum_of(const struct mlbench_steps *reduced, const float *input, float sign) {
  float sum = 0.0f;
  (void)sign;
  for (int32_t i = 0; i < reduced[0].count; ++i) {
    for (int32_t j = 0; j < reduced[1].count; ++j) {
      const float *row = input + i * reduced[0].step + j * reduced[1].step;
      for (int32_t k = 0; k < reduced[2].count; ++k, row += reduced[2].step) {
        sum += *row;
      }
    }
  }
  return sum;
}

static float extreme_of(const struct mlbench_steps *reduced, const float *input, float sign) {
  float best = -FLT_MAX;
  for (int32_t i = 0; i < reduced[0].count; ++i) {
    for (int32_t j = 0; j < reduced[1].count; ++j) {
      const float *row = input + i * reduced[0].step + j * reduced[1].step;
      for (int32_t k = 0; k < reduced[2].count; ++k, row += reduced[2].step) {
        const float value = *row * sign;
        best = value > best ? value : best;
      }
    }
  }
  return best * sign;
}

static void walk(const struct mlbench_steps *kept, const struct mlbench_steps *reduced,
                 const float *input, float sign, float *output, reduce_function *reduce) {
  for (int32_t i = 0; i < kept[0].count; ++i) {
    for (int32_t j = 0; j < kept[1].count; ++j) {
      const float *row = input + i * kept[0].step + j * kept[1].step;
      for (int32_t k = 0; k < kept[2].count; ++k, row += kept[2].step) {
        *output++ = reduce(reduced, row, sign);
      }
    }
  }
}

void mlbench_reference_sum_float32(const struct mlbench_sum_float32 *params, const float *input,
                                   float *output) {
  int32_t count = 1;
  for (int32_t i = 0; i < MLBENCH_MAX_DIMS / 2; ++i) {
    count *= params->kept[i].count;
  }
  walk(params->kept, params->reduced, input, 1.0f, output, sum_of);
  for (int32_t i = 0; i < count; ++i) {
    output[i] /= params->divisor;
  }
}

void mlbench_reference_extreme_float32(const struct mlbench_extreme *params, const float *input,
                                       float *output) {
  walk(params->kept, params->reduced, input, (float)params->sign, output, extreme_of);
}

void mlbench_reference_arg_extreme_float32(const struct mlbench_arg_extreme *params,
                                           const float *input, int32_t *output) {
  const float sign = (float)params->sign;
  for (int32_t outer = 0; outer < params->outer; ++outer) {
    for (int32_t inner = 0; inner < params->inner; ++inner) {
      float best = input[inner] * sign;
      *output = 0;
      for (int32_t i = 1; i < params->size; ++i) {
        const float value = input[i * params->inner + inner] * sign;
        if (value > best) {
          best = value;
          *output = i;
        }
      }
      ++output;
    }
    input += params->size * params->inner;
  }
}
