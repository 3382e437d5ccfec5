/* What int8's and int16's LSTM have in common: gate functions, and the cell behind them. */
#ifndef MLBENCH_LSTM_H
#define MLBENCH_LSTM_H

#include <stdint.h>

#include "mlbench_recurrent.h"
#include "mlbench_requantise.h"
#include "mlbench_sigmoid16.h"

static inline int32_t mlbench_lstm_saturated(int32_t value) {
  return mlbench_clamp(value, INT16_MIN, INT16_MAX);
}

/* value * multiplier * 2^(shift - 31), saturated. */
static inline int32_t mlbench_lstm_scaled(int32_t value, int32_t multiplier, int32_t shift) {
  return mlbench_lstm_saturated(mlbench_requantise(value, multiplier, shift));
}

/* The gate's function of a value in Q3.12, in Q0.15; gate 2 is the cell gate. */
static inline int16_t mlbench_lstm_gate_value(const uint16_t *table, int32_t gate, int32_t value) {
  return (int16_t)(gate == 2 ? mlbench_tanh16(table, value, 0, 0)
                             : mlbench_sigmoid16(table, value, 0, 0));
}

/* Updates one unit's cell state from `gates`, [4, units]; returns its hidden state, not clamped. */
static inline int32_t mlbench_lstm_unit(const struct mlbench_lstm_cell *params,
                                        const int16_t *gates, int32_t units, int32_t unit,
                                        int16_t *cell) {
  const int32_t kept = mlbench_lstm_scaled(gates[units + unit] * *cell, params->forget_multiplier,
                                           params->forget_shift);
  const int32_t added = mlbench_lstm_scaled(gates[unit] * gates[2 * units + unit],
                                            params->update_multiplier, params->update_shift);
  int32_t value = mlbench_lstm_saturated(kept + added);
  if (params->cell_clip > 0) {
    value = mlbench_clamp(value, -params->cell_clip, params->cell_clip);
  }
  *cell = (int16_t)value;
  value = mlbench_tanh16(params->table, value, params->cell_multiplier, params->cell_shift);
  value = mlbench_requantise(gates[3 * units + unit] * value, params->output_multiplier,
                             params->output_shift);
  return value + params->output_offset;
}

#endif
