#include "mlbench_cmsisnn.h"

void mlbench_cmsisnn_fully_connected_per_channel(
    const struct mlbench_cmsisnn_fully_connected *layer, const int8_t *input, int8_t *output,
    void *sums) {
  const cmsis_nn_context context = {sums, sums ? layer->filter.c * (int32_t)sizeof(int32_t) : 0};
  const cmsis_nn_per_channel_quant_params quantisation = {(int32_t *)(uintptr_t)layer->multipliers,
                                                          (int32_t *)(uintptr_t)layer->shifts};
  if (arm_fully_connected_per_channel_s8(&context, &layer->params, &quantisation, &layer->input,
                                         input, &layer->filter, layer->weights, &layer->bias,
                                         layer->biases, &layer->output,
                                         output) != ARM_CMSIS_NN_SUCCESS) {
    mlbench_cmsisnn_refused();
  }
}
