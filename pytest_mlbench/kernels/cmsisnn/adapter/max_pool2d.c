#include "mlbench_cmsisnn.h"

void mlbench_cmsisnn_max_pool2d(const struct mlbench_cmsisnn_pool2d *layer, const int8_t *input,
                                int8_t *output) {
  const cmsis_nn_context context = {0, 0};
  if (arm_max_pool_s8(&context, &layer->params, &layer->input, input, &layer->filter,
                      &layer->output, output) != ARM_CMSIS_NN_SUCCESS) {
    mlbench_cmsisnn_refused();
  }
}
