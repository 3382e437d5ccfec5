/* Reference kernels that keep a state from one inference to the next. Conventions are those of
 * mlbench_kernels.h.
 */
#ifndef MLBENCH_RECURRENT_H
#define MLBENCH_RECURRENT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* SVDF. filters = units * rank; feature_weights [filters, features], time_weights [filters,
 * memory], bias [units] or null; the state [batches, filters, memory]. */
struct mlbench_svdf {
  int32_t batches, features, units, rank, memory;
  const int8_t *feature_weights;
  const int16_t *time_weights;
  const int32_t *bias;
  int32_t input_offset, output_offset;
  int32_t state_multiplier, state_shift;
  int32_t multiplier, shift;
};

/* One gate of an LSTM. Weights [units, features] and [units, units], bias [units] or null; the
 * factors scale both products to Q3.12. */
struct mlbench_lstm_gate {
  const int8_t *input_weights, *recurrent_weights;
  const int32_t *bias;
  int32_t input_multiplier, input_shift;
  int32_t recurrent_multiplier, recurrent_shift;
};

/* The same for int16x8: bias of 64 bits, multipliers of 15 bits. */
struct mlbench_lstm_gate_int16 {
  const int8_t *input_weights, *recurrent_weights;
  const int64_t *bias;
  int32_t input_multiplier, input_shift;
  int32_t recurrent_multiplier, recurrent_shift;
};

/* What follows the gates. `table` as in mlbench_sigmoid16.h. cell_clip 0: none. */
struct mlbench_lstm_cell {
  const uint16_t *table;
  int32_t cell_multiplier, cell_shift, cell_clip;
  int32_t forget_multiplier, forget_shift;
  int32_t update_multiplier, update_shift;
  int32_t output_multiplier, output_shift, output_offset;
};

/* UNIDIRECTIONAL_SEQUENCE_LSTM. Gates: input, forget, cell, output. Element (batch, step) of the
 * input and the output is row batch * batch_step + step * time_step. hidden and cell state
 * [batches, units]; scratch for 4 * units int16. */
struct mlbench_lstm {
  int32_t batches, steps, features, units;
  int32_t batch_step, time_step;
  struct mlbench_lstm_gate gates[4];
  int32_t input_offset, hidden_offset;
  struct mlbench_lstm_cell cell;
};

/* The same for int16x8, without offsets of input and hidden state. */
struct mlbench_lstm_int16 {
  int32_t batches, steps, features, units;
  int32_t batch_step, time_step;
  struct mlbench_lstm_gate_int16 gates[4];
  struct mlbench_lstm_cell cell;
};

void mlbench_reference_lstm(const struct mlbench_lstm *params, const int8_t *input, int8_t *hidden,
                            int16_t *cell, int8_t *output, void *scratch);
void mlbench_reference_lstm_int16(const struct mlbench_lstm_int16 *params, const int16_t *input,
                                  int16_t *hidden, int16_t *cell, int16_t *output, void *scratch);
void mlbench_reference_svdf(const struct mlbench_svdf *params, const int8_t *input, int16_t *state,
                            int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
