#include "arm_nnfunctions.h"

/* Something, so that scratch is tried as well: the portable C of the library asks for nothing. */
int32_t arm_depthwise_conv_wrapper_s8_get_buffer_size(const cmsis_nn_dw_conv_params *dw_conv_params,
                                                      const cmsis_nn_dims *input_dims,
                                                      const cmsis_nn_dims *filter_dims,
                                                      const cmsis_nn_dims *output_dims) {
  (void)output_dims;
  return dw_conv_params->ch_mult == 1 ? input_dims->c * filter_dims->w * filter_dims->h * 2 : 0;
}
