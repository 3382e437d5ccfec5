#include "mlbench_cmsisnn.h"

void mlbench_cmsisnn_mul(const struct mlbench_cmsisnn_elementwise *layer, const int8_t *left,
                         const int8_t *right, int8_t *output) {
  if (arm_elementwise_mul_s8(left, right, layer->left_offset, layer->right_offset, output,
                             layer->output_offset, layer->output_multiplier, layer->output_shift,
                             layer->activation.min, layer->activation.max,
                             layer->count) != ARM_CMSIS_NN_SUCCESS) {
    mlbench_cmsisnn_refused();
  }
}
