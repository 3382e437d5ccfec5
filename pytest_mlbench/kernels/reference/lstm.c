/* UNIDIRECTIONAL_SEQUENCE_LSTM, int8 with a cell state of int16.
 *
 * Arithmetic: each gate is the sum of two products, of the input and of the hidden state, each
 * scaled with double rounding to Q3.12 and saturated; input, forget and output gate go through the
 * sigmoid, the cell gate through tanh, both by table. cell = forget * cell + input * cell gate,
 * each term scaled and saturated; hidden = output * tanh(cell), scaled, output_offset added,
 * clamped.
 */
#include <stddef.h>
#include <string.h>

#include "mlbench_lstm.h"

static int32_t dot(const int8_t *weights, const int8_t *values, int32_t count, int32_t offset) {
  int32_t sum = 0;
  for (int32_t i = 0; i < count; ++i) {
    sum += weights[i] * (values[i] + offset);
  }
  return sum;
}

/* The gate's value for one unit, in Q3.12. */
static int32_t gate_of(const struct mlbench_lstm *params, const struct mlbench_lstm_gate *gate,
                       const int8_t *input, const int8_t *hidden, int32_t unit) {
  int32_t fresh = dot(gate->input_weights + unit * params->features, input, params->features,
                      params->input_offset);
  fresh += gate->bias == NULL ? 0 : gate->bias[unit];
  const int32_t old = dot(gate->recurrent_weights + unit * params->units, hidden, params->units,
                          params->hidden_offset);
  return mlbench_lstm_saturated(
      mlbench_lstm_scaled(fresh, gate->input_multiplier, gate->input_shift) +
      mlbench_lstm_scaled(old, gate->recurrent_multiplier, gate->recurrent_shift));
}

static void step_of(const struct mlbench_lstm *params, const int8_t *input, int8_t *hidden,
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
    hidden[unit] = (int8_t)mlbench_clamp(value, INT8_MIN, INT8_MAX);
  }
}

void mlbench_reference_lstm(const struct mlbench_lstm *params, const int8_t *input, int8_t *hidden,
                            int16_t *cell, int8_t *output, void *scratch) {
  for (int32_t batch = 0; batch < params->batches; ++batch) {
    for (int32_t step = 0; step < params->steps; ++step) {
      const int32_t row = batch * params->batch_step + step * params->time_step;
      step_of(params, input + row * params->features, hidden, cell, scratch);
      memcpy(output + row * params->units, hidden, (size_t)params->units);
    }
    hidden += params->units;
    cell += params->units;
  }
}
