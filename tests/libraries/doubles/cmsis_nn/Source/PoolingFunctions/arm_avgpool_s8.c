#include "arm_nnfunctions.h"
#include "arm_nnsupportfunctions.h"

/* The mean over the taps inside the image, ties away from zero. */
arm_cmsis_nn_status arm_avgpool_s8(const cmsis_nn_context *ctx,
                                   const cmsis_nn_pool_params *pool_params,
                                   const cmsis_nn_dims *input_dims, const int8_t *input_data,
                                   const cmsis_nn_dims *filter_dims,
                                   const cmsis_nn_dims *output_dims, int8_t *output_data) {
  const int32_t size = arm_avgpool_s8_get_buffer_size(output_dims->w, input_dims->c);
  if (arm_nn_spoil_scratch(ctx, size) != ARM_CMSIS_NN_SUCCESS || input_dims->n != 1 ||
      input_dims->c != output_dims->c) {
    return ARM_CMSIS_NN_ARG_ERROR;
  }
  int32_t *sums = ctx->buf;
  for (int32_t y = 0; y < output_dims->h; y++) {
    for (int32_t x = 0; x < output_dims->w; x++) {
      int32_t count = 0;
      memset(sums, 0, (size_t)size);
      for (int32_t ky = 0; ky < filter_dims->h; ky++) {
        for (int32_t kx = 0; kx < filter_dims->w; kx++) {
          const int32_t in_y = y * pool_params->stride.h - pool_params->padding.h + ky;
          const int32_t in_x = x * pool_params->stride.w - pool_params->padding.w + kx;
          if (in_y < 0 || in_y >= input_dims->h || in_x < 0 || in_x >= input_dims->w) {
            continue;
          }
          count++;
          for (int32_t c = 0; c < input_dims->c; c++) {
            sums[c] += input_data[(in_y * input_dims->w + in_x) * input_dims->c + c];
          }
        }
      }
      if (count == 0) {
        return ARM_CMSIS_NN_ARG_ERROR;
      }
      for (int32_t c = 0; c < input_dims->c; c++) {
        const int32_t half = sums[c] > 0 ? count / 2 : -(count / 2);
        *output_data++ = arm_nn_clamp((sums[c] + half) / count, &pool_params->activation);
      }
    }
  }
  return ARM_CMSIS_NN_SUCCESS;
}
