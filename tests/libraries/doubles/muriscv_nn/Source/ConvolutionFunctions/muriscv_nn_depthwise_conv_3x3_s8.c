#include "muriscv_nn_functions.h"
#include "muriscv_nn_support_functions.h"

/* Four channels at a time from word loads, the rest byte by byte. Padding is at most one. */
muriscv_nn_status muriscv_nn_depthwise_conv_3x3_s8(
    const muriscv_nn_dw_conv_params *params, const muriscv_nn_per_channel_quant_params *quant,
    const muriscv_nn_dims *input_dims, const int8_t *input, const int8_t *kernel,
    const int32_t *bias, const muriscv_nn_dims *output_dims, int8_t *output) {
  const int32_t channels = input_dims->c;
  for (int32_t y = 0; y < output_dims->h; y++) {
    for (int32_t x = 0; x < output_dims->w; x++) {
      for (int32_t c = 0; c < channels;) {
        const int32_t width = channels - c >= 4 ? 4 : 1;
        int32_t sums[4] = {0, 0, 0, 0};
        for (int32_t i = 0; i < width; i++) {
          sums[i] = bias ? bias[c + i] : 0;
        }
        for (int32_t tap = 0; tap < 9; tap++) {
          const int32_t in_y = y * params->stride.h - params->padding.h + tap / 3;
          const int32_t in_x = x * params->stride.w - params->padding.w + tap % 3;
          if (in_y < 0 || in_y >= input_dims->h || in_x < 0 || in_x >= input_dims->w) {
            continue;
          }
          const int8_t *in = input + (in_y * input_dims->w + in_x) * channels + c;
          const int8_t *weights = kernel + tap * channels + c;
          if (width == 4) {
            const uint32_t values = muriscv_nn_read_q7x4(in);
            const uint32_t factors = muriscv_nn_read_q7x4(weights);
            for (int32_t i = 0; i < 4; i++) {
              sums[i] +=
                  ((int8_t)(values >> 8 * i) + params->input_offset) * (int8_t)(factors >> 8 * i);
            }
          } else {
            sums[0] += (in[0] + params->input_offset) * weights[0];
          }
        }
        for (int32_t i = 0; i < width; i++, c++) {
          const int32_t sum = muriscv_nn_requantize(sums[i], quant->multiplier[c], quant->shift[c]);
          *output++ = muriscv_nn_clamp(sum + params->output_offset, &params->activation);
        }
      }
    }
  }
  return MURISCV_NN_SUCCESS;
}
