/* CONV_2D and DEPTHWISE_CONV_2D for V: the input's zero point is written around each image, then
 * the kernels meet no edge. A zero point adds nothing, for its share is in the bias. Filter rows
 * that are no multiple of eight bytes are gathered into patches first.
 */
#include "mlbench_tuned.h"

enum { PATCHES = 12 };

/* The image with its padding, or as it is when it has none. */
static const int8_t *padded(const struct mlbench_tuned_vector_image *image, const int8_t *input,
                            int8_t *buffer) {
  if (image->padded_h == 0) {
    return input;
  }
  mlbench_tuned_vector_fill(buffer, image->zero_point, image->padded_h * image->padded_row);
  mlbench_tuned_vector_copy_rows(buffer + image->first, input, image->rows, image->padded_row,
                                 image->row, image->row_bytes);
  return buffer;
}

void mlbench_tuned_vector_conv2d(const struct mlbench_tuned_vector_conv2d *params,
                                 const int8_t *input, int8_t *output, void *scratch) {
  for (int32_t n = 0; n < params->images; ++n) {
    params->gemm(params->constants, padded(params->image, input, scratch), output,
                 params->positions);
    input += params->input_bytes;
    output += params->output_bytes;
  }
}

void mlbench_tuned_vector_conv2d_patches(const struct mlbench_tuned_vector_conv2d *params,
                                         const int8_t *input, int8_t *output, void *scratch) {
  const struct mlbench_tuned_vector_gemm *gemm = params->constants;
  int8_t *patches = scratch;
  int8_t *buffer = patches + PATCHES * gemm->run;
  mlbench_tuned_vector_fill(patches, 0, PATCHES * gemm->run);
  for (int32_t n = 0; n < params->images; ++n) {
    const int8_t *row = padded(params->image, input, buffer);
    int8_t *to = output;
    int32_t x = 0;
    const int8_t *from = row;
    for (int32_t left = params->positions; left > 0; left -= PATCHES) {
      const int32_t count = left < PATCHES ? left : PATCHES;
      int8_t *patch = patches;
      for (int32_t i = 0; i < count; ++i) {
        for (int32_t kx = 0; kx < params->runs_w; ++kx) {
          mlbench_tuned_vector_copy_rows(patch + kx * params->filter_h * params->tap_bytes,
                                         from + kx * params->dilated_bytes, params->filter_h,
                                         params->tap_bytes, params->dilated_row, params->tap_bytes);
        }
        patch += gemm->run;
        from += params->step;
        if (++x == params->output_w) {
          x = 0;
          row += params->row_step;
          from = row;
        }
      }
      params->gemm(gemm, patches, to, count);
      to += count * gemm->channels;
    }
    input += params->input_bytes;
    output += params->output_bytes;
  }
}

void mlbench_tuned_vector_depthwise(const struct mlbench_tuned_vector_depthwise *params,
                                    const int8_t *input, int8_t *output, void *scratch) {
  mlbench_tuned_vector_depthwise_3x3(params, padded(params->image, input, scratch), output);
}
