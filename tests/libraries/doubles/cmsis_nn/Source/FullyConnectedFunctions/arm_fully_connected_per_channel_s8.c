#include "arm_nnfunctions.h"
#include "arm_nnsupportfunctions.h"

/* One output row at a time through the per-tensor function. */
arm_cmsis_nn_status arm_fully_connected_per_channel_s8(
    const cmsis_nn_context *ctx, const cmsis_nn_fc_params *fc_params,
    const cmsis_nn_per_channel_quant_params *quant_params, const cmsis_nn_dims *input_dims,
    const int8_t *input_data, const cmsis_nn_dims *filter_dims, const int8_t *filter_data,
    const cmsis_nn_dims *bias_dims, const int32_t *bias_data, const cmsis_nn_dims *output_dims,
    int8_t *output_data) {
  if (bias_dims->c != output_dims->c || filter_dims->c != output_dims->c) {
    return ARM_CMSIS_NN_ARG_ERROR;
  }
  for (int32_t batch = 0; batch < input_dims->n; batch++) {
    for (int32_t out = 0; out < output_dims->c; out++) {
      const cmsis_nn_per_tensor_quant_params quant = {quant_params->multiplier[out],
                                                      quant_params->shift[out]};
      const cmsis_nn_dims row = {1, 1, 1, filter_dims->n};
      const cmsis_nn_dims filter = {filter_dims->n, 1, 1, 1};
      const cmsis_nn_dims one = {1, 1, 1, 1};
      cmsis_nn_context sums = *ctx;
      if (sums.buf) {
        sums.buf = (int32_t *)sums.buf + out;
        sums.size -= out * (int32_t)sizeof(int32_t);
      }
      const arm_cmsis_nn_status status = arm_fully_connected_s8(
          &sums, fc_params, &quant, &row, input_data, &filter, filter_data + out * filter_dims->n,
          &one, bias_data ? bias_data + out : 0, &one, output_data++);
      if (status != ARM_CMSIS_NN_SUCCESS) {
        return status;
      }
    }
    input_data += filter_dims->n;
  }
  return ARM_CMSIS_NN_SUCCESS;
}
