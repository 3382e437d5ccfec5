/* RESIZE_BILINEAR with the reference kernel's struct: resize_bilinear.c. */
#ifndef MLBENCH_TUNED_RESIZE_H
#define MLBENCH_TUNED_RESIZE_H

#include "mlbench_images.h"

#ifdef __cplusplus
extern "C" {
#endif

void mlbench_tuned_resize_bilinear(const struct mlbench_resize_bilinear *params,
                                   const int8_t *input, int8_t *output);
/* One pixel of `count` channels: vector_resize.S. */
void mlbench_tuned_vector_blend(int8_t *to, const int8_t *a, const int8_t *b, const int8_t *c,
                                const int8_t *d, const int32_t weights[4], int32_t count);

#ifdef __cplusplus
}
#endif

#endif
