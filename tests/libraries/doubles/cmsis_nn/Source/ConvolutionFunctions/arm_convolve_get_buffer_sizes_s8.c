#include "arm_nnfunctions.h"

/* As the library's scalar code asks: nothing for a 1x1 filter without padding and dilation (the
 * double also wants stride 1), else two windows of int16, each rounded up to four elements. */
int32_t arm_convolve_wrapper_s8_get_buffer_size(const cmsis_nn_conv_params *conv_params,
                                                const cmsis_nn_dims *input_dims,
                                                const cmsis_nn_dims *filter_dims,
                                                const cmsis_nn_dims *output_dims) {
  (void)output_dims;
  const int pointwise = filter_dims->h == 1 && filter_dims->w == 1 && conv_params->stride.h == 1 &&
                        conv_params->stride.w == 1 && conv_params->padding.h == 0 &&
                        conv_params->padding.w == 0 && conv_params->dilation.h == 1 &&
                        conv_params->dilation.w == 1;
  const int32_t depth = (filter_dims->h * filter_dims->w * input_dims->c + 3) / 4 * 4;
  return pointwise ? 0 : 2 * depth * (int32_t)sizeof(int16_t);
}
