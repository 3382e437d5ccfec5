#include "mlbench_cmsisnn.h"

void mlbench_cmsisnn_softmax(const struct mlbench_cmsisnn_softmax *layer, const int8_t *input,
                             int8_t *output) {
  arm_softmax_s8(input, layer->rows, layer->depth, layer->multiplier, layer->shift, layer->diff_min,
                 output);
}
