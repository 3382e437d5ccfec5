#include "arm_nnfunctions.h"
#include "arm_nnsupportfunctions.h"

arm_cmsis_nn_status arm_depthwise_conv_wrapper_s8(
    const cmsis_nn_context *ctx, const cmsis_nn_dw_conv_params *dw_conv_params,
    const cmsis_nn_per_channel_quant_params *quant_params, const cmsis_nn_dims *input_dims,
    const int8_t *input_data, const cmsis_nn_dims *filter_dims, const int8_t *filter_data,
    const cmsis_nn_dims *bias_dims, const int32_t *bias_data, const cmsis_nn_dims *output_dims,
    int8_t *output_data) {
  const int32_t size = arm_depthwise_conv_wrapper_s8_get_buffer_size(dw_conv_params, input_dims,
                                                                     filter_dims, output_dims);
  if (arm_nn_spoil_scratch(ctx, size) != ARM_CMSIS_NN_SUCCESS || input_dims->n != 1 ||
      filter_dims->n != 1 || dw_conv_params->dilation.w != 1 || dw_conv_params->dilation.h != 1 ||
      dw_conv_params->ch_mult * input_dims->c != output_dims->c || bias_dims->c != output_dims->c ||
      filter_dims->c != output_dims->c) {
    return ARM_CMSIS_NN_ARG_ERROR;
  }
  for (int32_t y = 0; y < output_dims->h; y++) {
    for (int32_t x = 0; x < output_dims->w; x++) {
      for (int32_t out = 0; out < output_dims->c; out++) {
        int32_t sum = bias_data ? bias_data[out] : 0;
        for (int32_t ky = 0; ky < filter_dims->h; ky++) {
          for (int32_t kx = 0; kx < filter_dims->w; kx++) {
            const int32_t in_y = y * dw_conv_params->stride.h - dw_conv_params->padding.h + ky;
            const int32_t in_x = x * dw_conv_params->stride.w - dw_conv_params->padding.w + kx;
            if (in_y >= 0 && in_y < input_dims->h && in_x >= 0 && in_x < input_dims->w) {
              const int32_t at =
                  (in_y * input_dims->w + in_x) * input_dims->c + out / dw_conv_params->ch_mult;
              sum += (input_data[at] + dw_conv_params->input_offset) *
                     filter_data[(ky * filter_dims->w + kx) * output_dims->c + out];
            }
          }
        }
        sum = arm_nn_requantize(sum, quant_params->multiplier[out], quant_params->shift[out]);
        *output_data++ =
            arm_nn_clamp(sum + dw_conv_params->output_offset, &dw_conv_params->activation);
      }
    }
  }
  return ARM_CMSIS_NN_SUCCESS;
}
