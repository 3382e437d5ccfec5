#include "mlbench_cmsisnn.h"

int32_t mlbench_cmsisnn_depthwise_conv2d_scratch(
    const struct mlbench_cmsisnn_depthwise_conv2d *layer) {
  return arm_depthwise_conv_wrapper_s8_get_buffer_size(&layer->params, &layer->input,
                                                       &layer->filter, &layer->output);
}

void mlbench_cmsisnn_depthwise_conv2d_prepare(const struct mlbench_cmsisnn_depthwise_conv2d *layer,
                                              int32_t planned) {
  if (mlbench_cmsisnn_depthwise_conv2d_scratch(layer) > planned) {
    mlbench_cmsisnn_scratch_too_small();
  }
}

void mlbench_cmsisnn_depthwise_conv2d(const struct mlbench_cmsisnn_depthwise_conv2d *layer,
                                      const int8_t *input, int8_t *output, void *scratch,
                                      int32_t scratch_bytes) {
  const cmsis_nn_context context = {scratch, scratch_bytes};
  const cmsis_nn_per_channel_quant_params quantisation = {(int32_t *)(uintptr_t)layer->multipliers,
                                                          (int32_t *)(uintptr_t)layer->shifts};
  if (arm_depthwise_conv_wrapper_s8(&context, &layer->params, &quantisation, &layer->input, input,
                                    &layer->filter, layer->weights, &layer->bias, layer->biases,
                                    &layer->output, output) != ARM_CMSIS_NN_SUCCESS) {
    mlbench_cmsisnn_refused();
  }
}
