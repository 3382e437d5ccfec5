#include "arm_nnfunctions.h"
#include "arm_nnsupportfunctions.h"

/* Convolution by gathering one output position's window as int16 in the scratch buffer. */
arm_cmsis_nn_status arm_convolve_wrapper_s8(
    const cmsis_nn_context *ctx, const cmsis_nn_conv_params *conv_params,
    const cmsis_nn_per_channel_quant_params *quant_params, const cmsis_nn_dims *input_dims,
    const int8_t *input_data, const cmsis_nn_dims *filter_dims, const int8_t *filter_data,
    const cmsis_nn_dims *bias_dims, const int32_t *bias_data, const cmsis_nn_dims *output_dims,
    int8_t *output_data) {
  const int32_t size =
      arm_convolve_wrapper_s8_get_buffer_size(conv_params, input_dims, filter_dims, output_dims);
  const int32_t depth = filter_dims->h * filter_dims->w * filter_dims->c;
  if (arm_nn_spoil_scratch(ctx, size) != ARM_CMSIS_NN_SUCCESS || input_dims->n != 1 ||
      output_dims->n != 1 || input_dims->c != filter_dims->c || bias_dims->c != output_dims->c ||
      filter_dims->n != output_dims->c || conv_params->input_offset < -127 ||
      conv_params->input_offset > 128 || conv_params->output_offset < -128 ||
      conv_params->output_offset > 127) {
    return ARM_CMSIS_NN_ARG_ERROR;
  }
  for (int32_t y = 0; y < output_dims->h; y++) {
    for (int32_t x = 0; x < output_dims->w; x++) {
      int16_t *window = ctx->buf;
      const int8_t *direct = input_data + (y * input_dims->w + x) * input_dims->c;
      if (size > 0) {
        for (int32_t ky = 0; ky < filter_dims->h; ky++) {
          for (int32_t kx = 0; kx < filter_dims->w; kx++) {
            const int32_t in_y =
                y * conv_params->stride.h - conv_params->padding.h + ky * conv_params->dilation.h;
            const int32_t in_x =
                x * conv_params->stride.w - conv_params->padding.w + kx * conv_params->dilation.w;
            const int inside =
                in_y >= 0 && in_y < input_dims->h && in_x >= 0 && in_x < input_dims->w;
            for (int32_t c = 0; c < input_dims->c; c++) {
              const int32_t at = (in_y * input_dims->w + in_x) * input_dims->c + c;
              *window++ = inside ? (int16_t)(input_data[at] + conv_params->input_offset) : 0;
            }
          }
        }
      }
      window = ctx->buf;
      for (int32_t out = 0; out < output_dims->c; out++) {
        int32_t sum = bias_data ? bias_data[out] : 0;
        for (int32_t i = 0; i < depth; i++) {
          const int32_t value = size > 0 ? window[i] : direct[i] + conv_params->input_offset;
          sum += value * filter_data[out * depth + i];
        }
        sum = arm_nn_requantize(sum, quant_params->multiplier[out], quant_params->shift[out]);
        *output_data++ = arm_nn_clamp(sum + conv_params->output_offset, &conv_params->activation);
      }
    }
  }
  return ARM_CMSIS_NN_SUCCESS;
}
