/* SPACE_TO_BATCH_ND: the pixels of each block become images. */
#include <string.h>

#include "mlbench_moves.h"

void mlbench_reference_space_to_batch(const struct mlbench_space_to_batch *params,
                                      const void *input, void *output) {
  const struct mlbench_image *in = &params->input;
  const struct mlbench_image *out = &params->output;
  const size_t run = (size_t)in->c;
  int8_t *to = output;
  for (int32_t image = 0; image < out->n; ++image) {
    const int8_t *from = (const int8_t *)input + image % in->n * in->h * in->w * in->c;
    const int32_t place = image / in->n;
    const int32_t top = place / params->block.w - params->padding.h;
    const int32_t left = place % params->block.w - params->padding.w;
    for (int32_t row = 0; row < out->h; ++row) {
      const int32_t y = row * params->block.h + top;
      for (int32_t column = 0; column < out->w; ++column) {
        const int32_t x = column * params->block.w + left;
        if (y >= 0 && y < in->h && x >= 0 && x < in->w) {
          memcpy(to, from + (y * in->w + x) * in->c, run);
        } else {
          memset(to, params->value, run);
        }
        to += run;
      }
    }
  }
}
