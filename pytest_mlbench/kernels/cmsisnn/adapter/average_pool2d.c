#include "mlbench_cmsisnn.h"

int32_t mlbench_cmsisnn_average_pool2d_scratch(const struct mlbench_cmsisnn_pool2d *layer) {
  return arm_avgpool_s8_get_buffer_size(layer->output.w, layer->input.c);
}

void mlbench_cmsisnn_average_pool2d_prepare(const struct mlbench_cmsisnn_pool2d *layer,
                                            int32_t planned) {
  if (mlbench_cmsisnn_average_pool2d_scratch(layer) > planned) {
    mlbench_cmsisnn_scratch_too_small();
  }
}

void mlbench_cmsisnn_average_pool2d(const struct mlbench_cmsisnn_pool2d *layer, const int8_t *input,
                                    int8_t *output, void *scratch, int32_t scratch_bytes) {
  const cmsis_nn_context context = {scratch, scratch_bytes};
  if (arm_avgpool_s8(&context, &layer->params, &layer->input, input, &layer->filter, &layer->output,
                     output) != ARM_CMSIS_NN_SUCCESS) {
    mlbench_cmsisnn_refused();
  }
}
