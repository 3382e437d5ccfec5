/* The kernel sums changed their meaning with the signature of arm_vector_sum_s8, whose number of
 * parameters the build passes as MLBENCH_VECTOR_SUM_PARAMETERS:
 *   4  (sums, columns, rows, data): the plain sum of each row
 *   6  (..., lhs_offset, bias): wanted plain as well, with lhs_offset 1 and no bias
 *   7  (..., lhs_offset, rhs_offset, bias): wanted as sum * input offset + bias
 * docs/upstream.md names the files that say so. */
#include "mlbench_cmsisnn.h"

int32_t mlbench_cmsisnn_fully_connected_sums(const struct mlbench_cmsisnn_fully_connected *layer) {
  return arm_fully_connected_s8_get_buffer_size(&layer->filter);
}

void mlbench_cmsisnn_fully_connected_prepare(const struct mlbench_cmsisnn_fully_connected *layer,
                                             void *sums) {
  if (arm_fully_connected_s8_get_buffer_size(&layer->filter) == 0) {
    return;
  }
#if MLBENCH_VECTOR_SUM_PARAMETERS == 4
  const arm_cmsis_nn_status status =
      arm_vector_sum_s8(sums, layer->filter.n, layer->filter.c, layer->weights);
#elif MLBENCH_VECTOR_SUM_PARAMETERS == 6
  const arm_cmsis_nn_status status =
      arm_vector_sum_s8(sums, layer->filter.n, layer->filter.c, layer->weights, 1, 0);
#elif MLBENCH_VECTOR_SUM_PARAMETERS == 7
  const arm_cmsis_nn_status status =
      arm_vector_sum_s8(sums, layer->filter.n, layer->filter.c, layer->weights,
                        layer->params.input_offset, layer->params.filter_offset, layer->biases);
#else
#error "arm_vector_sum_s8 with this number of parameters is not known to the adapter"
#endif
  if (status != ARM_CMSIS_NN_SUCCESS) {
    mlbench_cmsisnn_refused();
  }
}

void mlbench_cmsisnn_fully_connected(const struct mlbench_cmsisnn_fully_connected *layer,
                                     const int8_t *input, int8_t *output, void *sums) {
  const cmsis_nn_context context = {sums, sums ? layer->filter.c * (int32_t)sizeof(int32_t) : 0};
  const cmsis_nn_per_tensor_quant_params quantisation = {layer->multipliers[0], layer->shifts[0]};
  if (arm_fully_connected_s8(&context, &layer->params, &quantisation, &layer->input, input,
                             &layer->filter, layer->weights, &layer->bias, layer->biases,
                             &layer->output, output) != ARM_CMSIS_NN_SUCCESS) {
    mlbench_cmsisnn_refused();
  }
}
