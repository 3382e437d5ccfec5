/* SVDF, int8 with an int16 state.
 *
 * Arithmetic: the products of (input + input_offset) and the feature weights, scaled with double
 * rounding and saturated to int16, are each filter's newest value; the products of a filter's
 * values over time and its time weights are summed over the filters of a unit, the bias added, the
 * sum scaled with double rounding, output_offset added, clamped.
 */
#include <stddef.h>
#include <string.h>

#include "mlbench_recurrent.h"
#include "mlbench_requantise.h"

static int16_t newest(const struct mlbench_svdf *params, const int8_t *input,
                      const int8_t *weights) {
  int32_t sum = 0;
  for (int32_t i = 0; i < params->features; ++i) {
    sum += weights[i] * (input[i] + params->input_offset);
  }
  sum = mlbench_requantise(sum, params->state_multiplier, params->state_shift);
  return (int16_t)mlbench_clamp(sum, INT16_MIN, INT16_MAX);
}

void mlbench_reference_svdf(const struct mlbench_svdf *params, const int8_t *input, int16_t *state,
                            int8_t *output) {
  const int32_t filters = params->units * params->rank;
  const size_t kept = (size_t)(params->memory - 1) * sizeof(int16_t);
  for (int32_t batch = 0; batch < params->batches; ++batch) {
    for (int32_t unit = 0; unit < params->units; ++unit) {
      uint32_t total = 0; /* wraps */
      for (int32_t rank = 0; rank < params->rank; ++rank) {
        const int32_t filter = unit * params->rank + rank;
        const int16_t *weights = params->time_weights + filter * params->memory;
        int16_t *values = state + filter * params->memory;
        memmove(values, values + 1, kept);
        values[params->memory - 1] =
            newest(params, input, params->feature_weights + filter * params->features);
        for (int32_t i = 0; i < params->memory; ++i) {
          total += (uint32_t)(weights[i] * values[i]);
        }
      }
      total += params->bias == NULL ? 0u : (uint32_t)params->bias[unit];
      int32_t sum = (int32_t)total;
      sum = mlbench_requantise(sum, params->multiplier, params->shift);
      *output++ = (int8_t)mlbench_clamp(sum + params->output_offset, -128, 127);
    }
    input += params->features;
    state += filters * params->memory;
  }
}
