/* The argument structs and prototypes of the vector kernels: see mlbench_tuned.h. */
#ifndef MLBENCH_TUNED_VEXT_H
#define MLBENCH_TUNED_VEXT_H

#include "mlbench_tuned_integer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An image in V's kernels. Without padding `padded_h` is 0 and the rest unused. */
struct mlbench_tuned_vector_image {
  int32_t padded_h, padded_row; /* rows, and bytes of one */
  int32_t first;                /* where the image's first byte goes */
  int32_t rows, row, row_bytes; /* rows to copy, their distance and length in bytes */
  int32_t zero_point;
};

/* vector_gemm.S. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_vector_gemm {
  const void *stream;
  int32_t runs, run, skip;    /* rows of a position's activations, their bytes, bytes between */
  int32_t pitch, width, jump; /* bytes between positions, positions in a row, bytes after one */
  int32_t channels;
  int32_t zero_point, low, high; /* of the output */
  int32_t is_signed;
};

typedef void mlbench_tuned_vector_gemm_function(const struct mlbench_tuned_vector_gemm *params,
                                                const int8_t *x, int8_t *output, int32_t count);

/* CONV_2D: vector_conv2d.c. What follows output_bytes is for patches. */
struct mlbench_tuned_vector_conv2d {
  const struct mlbench_tuned_vector_image *image;
  const struct mlbench_tuned_vector_gemm *constants;
  mlbench_tuned_vector_gemm_function *gemm;
  int32_t images, positions; /* positions of one image */
  int32_t input_bytes, output_bytes;
  int32_t output_w, step,
      row_step; /* bytes from a position, from a row of positions, to the next */
  int32_t filter_h, runs_w, tap_bytes, dilated_bytes, dilated_row;
};

/* DEPTHWISE_CONV_2D 3x3 of one image: vector_depthwise_3x3.S. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_vector_depthwise {
  const void *weights;
  const int32_t *constants;
  int32_t channels;
  int32_t row; /* bytes, of the padded image */
  int32_t output_h, output_w;
  int32_t step, row_step;        /* bytes from an output, from a row of outputs, to the next */
  int32_t zero_point, low, high; /* of the output */
  int32_t is_signed;
  const struct mlbench_tuned_vector_image *image;
};

/* vector_planes.S. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_vector_planes {
  const void *stream;
  const int32_t *offsets;     /* [kx][ky]: bytes from a lane's place in plane 0 to its input */
  const int32_t *shifts;      /* [kx]: the columns in it */
  int32_t filter_h, filter_w; /* of the output's filter */
  int32_t planes, pitch;      /* channels of the input, bytes from plane to plane */
  int32_t row, output_w;      /* elements in a row of the planes; the first are outputs */
  int32_t channels;           /* of the output */
  int32_t large, small;       /* groups of 3 or 7, groups of 2 channels */
  int32_t input_zero;
  int32_t zero_point, low, high; /* of the output */
  int32_t is_signed;
};

/* Rows of an image into planes: vector_planes.S. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_vector_gather {
  const int32_t *starts; /* per phase: the first row and column of the image */
  int32_t phases;
  int32_t planes, pitch, row; /* planes of a phase */
  int32_t stride_h, stride_w;
  int32_t input_h, input_w;
  int32_t input_zero;
};

typedef int32_t mlbench_tuned_vector_planes_function(
    const struct mlbench_tuned_vector_planes *params, const int16_t *lane, int8_t *output,
    int32_t column, int32_t count, uint8_t *masks);

/* CONV_2D: vector_planes.c. */
struct mlbench_tuned_vector_planes_conv2d {
  const struct mlbench_tuned_vector_planes *planes;
  const struct mlbench_tuned_vector_gather *gather;
  mlbench_tuned_vector_planes_function *multiply;
  int32_t reach;            /* rows of a plane for one row of outputs */
  int32_t lanes, all_lanes; /* of a vector, of an image */
  int32_t mask_bytes;
  int32_t images, input_bytes;
};

/* FULLY_CONNECTED: vector_fully_connected.S. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_vector_fully_connected {
  const int8_t *weights;
  const int32_t *constants;
  int32_t rows, k, channels;
  int32_t zero_point, low, high; /* of the output */
  int32_t is_signed;
};

/* ADD, SUB, MUL: vector_arithmetic.S. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_vector_arithmetic {
  int32_t count, period; /* elements of the output, of the right operand */
  int32_t left_offset, left_multiplier, left_e;
  int32_t right_offset, right_multiplier, right_e, right_sign;
  int32_t multiplier, e;
  int32_t zero_point, low, high;
  int32_t is_signed; /* bits: left 1, right 2, sum 4 */
};

/* ADD, SUB, MUL with constants: vector_channel_line.S. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_vector_channel_line {
  const int32_t *slopes, *offsets, *second_slopes, *second_offsets; /* `period` each */
  int32_t count, period;                                            /* elements */
  int32_t threshold, step, shift, low, high;
  int32_t second_threshold, second_step, second_shift, second_low, second_high;
};

typedef void mlbench_tuned_vector_channel_line_function(
    const struct mlbench_tuned_vector_channel_line *params, const int8_t *input, int8_t *output);

typedef void mlbench_tuned_vector_arithmetic_function(
    const struct mlbench_tuned_vector_arithmetic *params, const int8_t *left, const void *right,
    int8_t *output);

/* ADD: vector_elementwise.S. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_vector_add {
  int32_t count;
  int32_t left_offset, left_multiplier, left_e;
  int32_t right_offset, right_multiplier, right_e;
  int32_t multiplier, e;
  int32_t zero_point, low, high;
  int32_t is_signed; /* bits: left 1, right 2, sum 4 */
};
mlbench_tuned_vector_gemm_function mlbench_tuned_vector_gemm_m8, mlbench_tuned_vector_gemm_m4,
    mlbench_tuned_vector_gemm_m2, mlbench_tuned_vector_gemm_m4_3, mlbench_tuned_vector_gemm_m2_6,
    mlbench_tuned_vector_gemm_m2_3;
mlbench_tuned_vector_planes_function mlbench_tuned_vector_planes_m8, mlbench_tuned_vector_planes_m4,
    mlbench_tuned_vector_planes_depthwise, mlbench_tuned_vector_planes_single;
void mlbench_tuned_vector_gather_planes(const struct mlbench_tuned_vector_gather *params,
                                        int16_t *to, const int8_t *input, int32_t row,
                                        int32_t count);
void mlbench_tuned_vector_conv2d_planes(const struct mlbench_tuned_vector_planes_conv2d *params,
                                        const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_vector_fully_connected(const struct mlbench_tuned_vector_fully_connected *params,
                                          const int8_t *input, int8_t *output);
void mlbench_tuned_vector_add(const struct mlbench_tuned_vector_add *params, const int8_t *left,
                              const int8_t *right, int8_t *output);
void mlbench_tuned_vector_average(const int8_t *input, int8_t *output, int32_t channels,
                                  int32_t rows, int32_t columns, int32_t row, int32_t low,
                                  int32_t high);
void mlbench_tuned_vector_average_pool2d(const struct mlbench_tuned_pool2d *params,
                                         const int8_t *input, int8_t *output);
void mlbench_tuned_vector_fill(int8_t *to, int32_t value, int32_t count);
void mlbench_tuned_vector_copy_rows(int8_t *to, const int8_t *from, int32_t rows, int32_t to_pitch,
                                    int32_t from_pitch, int32_t count);
void mlbench_tuned_vector_move_bytes(int8_t *to, const int8_t *from, int32_t count, int32_t to_step,
                                     int32_t from_step);
void mlbench_tuned_vector_depthwise_3x3(const struct mlbench_tuned_vector_depthwise *params,
                                        const int8_t *padded, int8_t *output);
void mlbench_tuned_vector_conv2d(const struct mlbench_tuned_vector_conv2d *params,
                                 const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_vector_conv2d_patches(const struct mlbench_tuned_vector_conv2d *params,
                                         const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_vector_depthwise(const struct mlbench_tuned_vector_depthwise *params,
                                    const int8_t *input, int8_t *output, void *scratch);

mlbench_tuned_vector_arithmetic_function mlbench_tuned_vector_add_stored,
    mlbench_tuned_vector_add_constant, mlbench_tuned_vector_mul_stored,
    mlbench_tuned_vector_mul_constant;
mlbench_tuned_vector_channel_line_function mlbench_tuned_vector_channel_line,
    mlbench_tuned_vector_channel_line_signed, mlbench_tuned_vector_channel_lines,
    mlbench_tuned_vector_channel_lines_signed;
void mlbench_tuned_vector_lookup(const struct mlbench_tuned_lookup *params, const uint8_t *input,
                                 uint8_t *output);
void mlbench_tuned_vector_maximum(const int8_t *input, int8_t *output, int32_t channels,
                                  int32_t rows, int32_t columns, int32_t row, int32_t low,
                                  int32_t high);
/* Windows of MAX_POOL_2D side by side: vector_maximum.S. */
typedef void mlbench_tuned_vector_maximum_function(const int8_t *input, int8_t *output,
                                                   int32_t count, int32_t rows, int32_t columns,
                                                   int32_t row, int32_t step, int32_t channels);

/* MAX_POOL_2D: vector_max_pool2d_rows.c. */
typedef void mlbench_tuned_vector_max_pool2d_function(const struct mlbench_tuned_pool2d *params,
                                                      const int8_t *input, int8_t *output);

mlbench_tuned_vector_maximum_function mlbench_tuned_vector_maximum_8,
    mlbench_tuned_vector_maximum_4, mlbench_tuned_vector_maximum_1,
    mlbench_tuned_vector_maximum_2x2_8, mlbench_tuned_vector_maximum_2x2_4,
    mlbench_tuned_vector_maximum_2x2_1;
mlbench_tuned_vector_max_pool2d_function mlbench_tuned_vector_max_pool2d_8,
    mlbench_tuned_vector_max_pool2d_4, mlbench_tuned_vector_max_pool2d_1,
    mlbench_tuned_vector_max_pool2d_2x2_8, mlbench_tuned_vector_max_pool2d_2x2_4,
    mlbench_tuned_vector_max_pool2d_2x2_1;
/* The same: vector_max_pool2d_2x2.S. */
mlbench_tuned_vector_max_pool2d_function mlbench_tuned_vector_max_pool2d_2x2_row_8,
    mlbench_tuned_vector_max_pool2d_2x2_row_16, mlbench_tuned_vector_max_pool2d_2x2_row_32,
    mlbench_tuned_vector_max_pool2d_2x2_row_64;
/* The same, `block` outputs at once: vector_max_pool2d_2x2_blocks.S. */
typedef void mlbench_tuned_vector_max_pool2d_blocks_function(
    const struct mlbench_tuned_pool2d *params, const int8_t *input, int8_t *output, int32_t block);
mlbench_tuned_vector_max_pool2d_blocks_function mlbench_tuned_vector_max_pool2d_2x2_blocks_1,
    mlbench_tuned_vector_max_pool2d_2x2_blocks_2, mlbench_tuned_vector_max_pool2d_2x2_blocks_4;
void mlbench_tuned_vector_max_pool2d(const struct mlbench_tuned_pool2d *params, const int8_t *input,
                                     int8_t *output);
void mlbench_tuned_vector_mean(const struct mlbench_tuned_mean *params, const int8_t *input,
                               int8_t *output);

void mlbench_tuned_vector_softmax_two(const struct mlbench_tuned_softmax_two *params,
                                      const int8_t *input, int8_t *output);
void mlbench_tuned_vector_softmax(const struct mlbench_tuned_softmax *params, const int8_t *input,
                                  int8_t *output);

/* TRANSPOSE_CONV: transpose_conv.c. Every phase is a convolution of one of three kinds. */
struct mlbench_tuned_phase {
  const struct mlbench_tuned_conv2d *conv;
  void (*run)(const struct mlbench_tuned_conv2d *params, const int8_t *input, int8_t *output,
              void *scratch);
  const struct mlbench_tuned_vector_conv2d *vector_conv;
  void (*run_vector)(const struct mlbench_tuned_vector_conv2d *params, const int8_t *input,
                     int8_t *output, void *scratch);
  const struct mlbench_tuned_vector_planes_conv2d *planes_conv;
  void (*run_planes)(const struct mlbench_tuned_vector_planes_conv2d *params, const int8_t *input,
                     int8_t *output, void *scratch);
  int32_t first;                /* its first byte in an image of the output */
  int32_t rows, columns;        /* of its outputs */
  int32_t made_row, made_image; /* bytes of what the convolution writes, which may be more */
};

struct mlbench_tuned_transpose_conv {
  const void *const *phase; /* struct mlbench_tuned_phase each */
  int32_t phases;
  int32_t images, channels;
  int32_t image;          /* bytes of an image of the output */
  int32_t step, row_step; /* bytes from an output of a phase, from a row, to the next */
  int32_t made_bytes;     /* of the largest phase, in the scratch buffer */
};

void mlbench_tuned_transpose_conv(const struct mlbench_tuned_transpose_conv *params,
                                  const int8_t *input, int8_t *output, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
