/* FULLY_CONNECTED, int8, four weights at a time. The offset of the input is taken out of the inner
 * loop: sum((x + o) * w) = sum(x * w) + o * sum(w). */
#include "mine.h"

#include <stddef.h>

#include "mlbench_requantise.h"

void mine_fully_connected(const struct mlbench_fully_connected *params, const int8_t *input,
                          const int8_t *weights, int8_t *output) {
  const int32_t depth = params->input_features;
  for (int32_t batch = 0; batch < params->batches; ++batch, input += depth) {
    const int8_t *row = weights;
    for (int32_t channel = 0; channel < params->output_features; ++channel, row += depth) {
      int32_t products = 0, sum = 0, i = 0;
      for (; i + 4 <= depth; i += 4) {
        products += input[i] * row[i] + input[i + 1] * row[i + 1];
        products += input[i + 2] * row[i + 2] + input[i + 3] * row[i + 3];
        sum += row[i] + row[i + 1] + row[i + 2] + row[i + 3];
      }
      for (; i < depth; ++i) {
        products += input[i] * row[i];
        sum += row[i];
      }
      int32_t value = products + params->input_offset * sum;
      value += params->bias != NULL ? params->bias[channel] : 0;
      const int32_t factor = params->per_channel ? channel : 0;
      value = mlbench_requantise(value, params->multipliers[factor], params->shifts[factor]);
      *output++ = (int8_t)mlbench_clamp(value + params->output_offset, params->activation_min,
                                        params->activation_max);
    }
  }
}
