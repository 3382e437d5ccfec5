#include "arm_nnfunctions.h"
#include "arm_nnsupportfunctions.h"

/* With kernel sums in ctx->buf (arm_vector_sum_s8): they hold input_offset * sum + bias. */
arm_cmsis_nn_status arm_fully_connected_s8(
    const cmsis_nn_context *ctx, const cmsis_nn_fc_params *fc_params,
    const cmsis_nn_per_tensor_quant_params *quant_params, const cmsis_nn_dims *input_dims,
    const int8_t *input_data, const cmsis_nn_dims *filter_dims, const int8_t *filter_data,
    const cmsis_nn_dims *bias_dims, const int32_t *bias_data, const cmsis_nn_dims *output_dims,
    int8_t *output_data) {
  const int32_t size = arm_fully_connected_s8_get_buffer_size(filter_dims);
  const int32_t *sums = ctx->buf;
  if ((size > 0 && (sums == 0 || ctx->size < size)) || fc_params->filter_offset != 0 ||
      filter_dims->c != output_dims->c || bias_dims->c != output_dims->c ||
      input_dims->n != output_dims->n ||
      input_dims->h * input_dims->w * input_dims->c != filter_dims->n) {
    return ARM_CMSIS_NN_ARG_ERROR;
  }
  for (int32_t batch = 0; batch < input_dims->n; batch++) {
    for (int32_t out = 0; out < filter_dims->c; out++) {
      int32_t sum = bias_data ? bias_data[out] : 0;
      int32_t offset = fc_params->input_offset;
      if (size > 0) {
        sum = sums[out];
        offset = 0;
      }
      for (int32_t i = 0; i < filter_dims->n; i++) {
        sum += (input_data[i] + offset) * filter_data[out * filter_dims->n + i];
      }
      sum = arm_nn_requantize(sum, quant_params->multiplier, quant_params->shift);
      *output_data++ = arm_nn_clamp(sum + fc_params->output_offset, &fc_params->activation);
    }
    input_data += filter_dims->n;
  }
  return ARM_CMSIS_NN_SUCCESS;
}
