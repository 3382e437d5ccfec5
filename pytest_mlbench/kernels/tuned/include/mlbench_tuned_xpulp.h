/* The prototypes and argument structs of the kernels for CORE-V SIMD: see mlbench_tuned.h. */
#ifndef MLBENCH_TUNED_XPULP_H
#define MLBENCH_TUNED_XPULP_H

#include "mlbench_tuned_integer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* DEPTHWISE_CONV_2D 3x3 of one image: xpulp_depthwise.S. Offsets: mlbench_tuned_offsets.h. A line
 * is a row of the image, or a column. */
struct mlbench_tuned_xpulp_depthwise {
  const void *constants;
  int32_t channels, stride, zero_point;
  int32_t plane_bytes, first;       /* of the plane; where its first pixel lies */
  int32_t pitch, line_step;         /* bytes between lines; from behind a line to the next */
  int32_t input_lines, input_run;   /* lines, and pixels of each */
  int32_t input_step, input_line;   /* bytes from a pixel, from a line to the next */
  int32_t lines, blocks, rest;      /* of outputs: lines, of each whole blocks and more */
  int32_t output_step, output_line; /* bytes to the next output; from behind a line to it */
  int32_t range, low, is_signed;    /* see struct mlbench_tuned_gemm */
};

/* A window of an average: xpulp_average.S. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_xpulp_window {
  int32_t rows, columns;
  int32_t pitch, row_step; /* bytes to the next column; from behind a row to the next */
  int32_t words;           /* of four channels */
  int32_t start;           /* of every sum */
  /* average: threshold, multiplier, which bytes, low, high; scaled: most, upper, lower, offset,
   * bits, bend, below */
  int32_t constants[7];
};

/* MEAN: xpulp_average.c. [outer, rows, channels], the mean over rows. */
struct mlbench_tuned_xpulp_mean {
  int32_t outer, rows, channels;
  int32_t start, most, upper, lower, offset, bits, bend, below; /* requantise/two_products.py */
};

/* A matrix product over patches: xpulp_gemm.S, with a stream of its own. */
void mlbench_tuned_xpulp_gemm_4x4(const struct mlbench_tuned_gemm *params,
                                  const int8_t *const *rows, int8_t *output);
void mlbench_tuned_xpulp_gemm_1x4(const struct mlbench_tuned_gemm *params, const int8_t *row,
                                  int8_t *output);

void mlbench_tuned_xpulp_conv2d(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                int8_t *output, void *scratch);
void mlbench_tuned_xpulp_conv2d_1x1(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                    int8_t *output, void *scratch);

void mlbench_tuned_xpulp_add(const struct mlbench_tuned_add_line *params, const int8_t *left,
                             const int8_t *right, int8_t *output);
void mlbench_tuned_xpulp_max_pool2d(const struct mlbench_tuned_pool2d *params, const int8_t *input,
                                    int8_t *output);

void mlbench_tuned_xpulp_average(const struct mlbench_tuned_xpulp_window *window,
                                 const int8_t *from, int8_t *output);
void mlbench_tuned_xpulp_average_scaled(const struct mlbench_tuned_xpulp_window *window,
                                        const int8_t *from, int8_t *output);
void mlbench_tuned_xpulp_average_pool2d(const struct mlbench_tuned_pool2d *params,
                                        const int8_t *input, int8_t *output);
void mlbench_tuned_xpulp_mean(const struct mlbench_tuned_xpulp_mean *params, const int8_t *input,
                              int8_t *output);

void mlbench_tuned_xpulp_plane(const struct mlbench_tuned_xpulp_depthwise *params,
                               const int8_t *input, int8_t *plane);
void mlbench_tuned_xpulp_lines(const struct mlbench_tuned_xpulp_depthwise *params,
                               const int8_t *plane, int8_t *output, const int32_t *constants);
void mlbench_tuned_xpulp_lines_s2(const struct mlbench_tuned_xpulp_depthwise *params,
                                  const int8_t *plane, int8_t *output, const int32_t *constants);
void mlbench_tuned_xpulp_depthwise(const struct mlbench_tuned_xpulp_depthwise *params,
                                   const int8_t *input, int8_t *output, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
