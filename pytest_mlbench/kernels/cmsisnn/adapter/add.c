#include "mlbench_cmsisnn.h"

void mlbench_cmsisnn_add(const struct mlbench_cmsisnn_elementwise *layer, const int8_t *left,
                         const int8_t *right, int8_t *output) {
  if (arm_elementwise_add_s8(left, right, layer->left_offset, layer->left_multiplier,
                             layer->left_requantise_shift, layer->right_offset,
                             layer->right_multiplier, layer->right_requantise_shift,
                             layer->left_shift, output, layer->output_offset,
                             layer->output_multiplier, layer->output_shift, layer->activation.min,
                             layer->activation.max, layer->count) != ARM_CMSIS_NN_SUCCESS) {
    mlbench_cmsisnn_refused();
  }
}
