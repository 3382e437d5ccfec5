#include "arm_nnfunctions.h"
#include "arm_nnsupportfunctions.h"

arm_cmsis_nn_status arm_max_pool_s8(const cmsis_nn_context *ctx,
                                    const cmsis_nn_pool_params *pool_params,
                                    const cmsis_nn_dims *input_dims, const int8_t *input_data,
                                    const cmsis_nn_dims *filter_dims,
                                    const cmsis_nn_dims *output_dims, int8_t *output_data) {
  (void)ctx;
  if (input_dims->n != 1 || input_dims->c != output_dims->c) {
    return ARM_CMSIS_NN_ARG_ERROR;
  }
  for (int32_t y = 0; y < output_dims->h; y++) {
    for (int32_t x = 0; x < output_dims->w; x++) {
      for (int32_t c = 0; c < input_dims->c; c++) {
        int32_t best = NN_Q7_MIN;
        for (int32_t ky = 0; ky < filter_dims->h; ky++) {
          for (int32_t kx = 0; kx < filter_dims->w; kx++) {
            const int32_t in_y = y * pool_params->stride.h - pool_params->padding.h + ky;
            const int32_t in_x = x * pool_params->stride.w - pool_params->padding.w + kx;
            if (in_y >= 0 && in_y < input_dims->h && in_x >= 0 && in_x < input_dims->w) {
              const int8_t value = input_data[(in_y * input_dims->w + in_x) * input_dims->c + c];
              best = value > best ? value : best;
            }
          }
        }
        *output_data++ = arm_nn_clamp(best, &pool_params->activation);
      }
    }
  }
  return ARM_CMSIS_NN_SUCCESS;
}
