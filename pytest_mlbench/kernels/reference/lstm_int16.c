/* UNIDIRECTIONAL_SEQUENCE_LSTM, int16x8.
 *
 * Arithmetic: that of lstm.c, but products are summed in 64 bits and scaled by multipliers of 15
 * bits, to nearest with ties up.
 */
#include <stddef.h>
#include <string.h>

#include "mlbench_lstm.h"
#include "mlbench_wide.h"

static int64_t dot(const int8_t *weights, const int16_t *values, int32_t count) {
  int64_t sum = 0;
  for (int32_t i = 0; i < count; ++i) {
    sum += weights[i] * values[i];
  }
  return sum;
}

static int32_t scaled(int64_t sum, int32_t multiplier, int32_t shift) {
  return mlbench_finish_wide(sum, multiplier, shift, INT16_MIN, INT16_MAX);
}

/* The gate's value for one unit, in Q3.12. */
static int32_t gate_of(const struct mlbench_lstm_int16 *params,
                       const struct mlbench_lstm_gate_int16 *gate, const int16_t *input,
                       const int16_t *hidden, int32_t unit) {
  int64_t fresh = dot(gate->input_weights + unit * params->features, input, params->features);
  fresh += gate->bias == NULL ? 0 : gate->bias[unit];
  const int64_t old = dot(gate->recurrent_weights + unit * params->units, hidden, params->units);
  return mlbench_lstm_saturated(scaled(fresh, gate->input_multiplier, gate->input_shift) +
                                scaled(old, gate->recurrent_multiplier, gate->recurrent_shift));
}

static void step_of(const struct mlbench_lstm_int16 *params, const int16_t *input, int16_t *hidden,
                    int16_t *cell, int16_t *gates) {
  const int32_t units = params->units;
  for (int32_t gate = 0; gate < 4; ++gate) {
    for (int32_t unit = 0; unit < units; ++unit) {
      const int32_t value = gate_of(params, &params->gates[gate], input, hidden, unit);
      gates[gate * units + unit] = mlbench_lstm_gate_value(params->cell.table, gate, value);
    }
  }
  for (int32_t unit = 0; unit < units; ++unit) {
    const int32_t value = mlbench_lstm_unit(&params->cell, gates, units, unit, cell + unit);
    hidden[unit] = (int16_t)mlbench_clamp(value, INT16_MIN, INT16_MAX);
  }
}

void mlbench_reference_lstm_int16(const struct mlbench_lstm_int16 *params, const int16_t *input,
                                  int16_t *hidden, int16_t *cell, int16_t *output, void *scratch) {
  for (int32_t batch = 0; batch < params->batches; ++batch) {
    for (int32_t step = 0; step < params->steps; ++step) {
      const int32_t row = batch * params->batch_step + step * params->time_step;
      step_of(params, input + row * params->features, hidden, cell, scratch);
      memcpy(output + row * params->units, hidden, (size_t)params->units * sizeof *hidden);
    }
    hidden += params->units;
    cell += params->units;
  }
}
