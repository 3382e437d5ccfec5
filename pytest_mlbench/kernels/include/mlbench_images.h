/* Reference kernels that make an image larger. Conventions are those of mlbench_kernels.h. */
#ifndef MLBENCH_IMAGES_H
#define MLBENCH_IMAGES_H

#include <stdint.h>

#include "mlbench_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* RESIZE_BILINEAR: output row y is interpolated between input rows rows[3 y] and rows[3 y + 1];
 * rows[3 y + 2] / 1024 is the weight of the second. Columns alike. */
struct mlbench_resize_bilinear {
  struct mlbench_image input, output;
  const int32_t *rows, *columns;
};

/* TRANSPOSE_CONV. weights [output.c, filter.h, filter.w, input.c]; input pixel (y, x) adds to the
 * outputs from (y, x) * stride - padding on. bias [output.c] or null; multipliers and shifts
 * [output.c]. */
struct mlbench_transpose_conv {
  const int8_t *weights;
  const int32_t *bias;
  const int32_t *multipliers;
  const int32_t *shifts;
  struct mlbench_image input, output;
  struct mlbench_extent filter, stride, padding;
  int32_t input_offset, output_offset;
  int32_t activation_min, activation_max;
};

void mlbench_reference_resize_bilinear(const struct mlbench_resize_bilinear *params,
                                       const int8_t *input, int8_t *output);
void mlbench_reference_transpose_conv(const struct mlbench_transpose_conv *params,
                                      const int8_t *input, int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
