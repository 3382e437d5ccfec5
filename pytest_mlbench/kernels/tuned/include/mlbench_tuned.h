/* The tuned kernels' argument structs and prototypes. Layouts of constants are described in the
 * kernels' own files; the generator (Python) writes them. */
#ifndef MLBENCH_TUNED_H
#define MLBENCH_TUNED_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A matrix product over packed activations: gemm_5x4.S. The assembly knows the offsets. */
struct mlbench_tuned_gemm {
  const void *stream;
  int32_t weight_bytes; /* of a group of four channels: 4 * k, k a multiple of 4 */
  int32_t pitch;        /* bytes from a position's outputs to the next one's */
  int32_t range;        /* upper minus lower activation bound */
  int32_t low;          /* lower activation bound */
  int32_t is_signed;    /* the lower bound is below the output's zero point */
};

/* CONV_2D as a matrix product over patches: conv2d.c. */
struct mlbench_tuned_conv2d {
  const struct mlbench_tuned_gemm *gemm;
  int32_t positions; /* of all images */
  int32_t channels;  /* output channels */
  int32_t k;         /* filter_h * filter_w * input_c, without filling */
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w;
  int32_t filter_h, filter_w;
  int32_t stride_h, stride_w;
  int32_t dilation_h, dilation_w;
  int32_t padding_h, padding_w;
  uint32_t inside_h, inside_w; /* first taps below these reach no edge */
  int32_t row;                 /* bytes from a filter's row to the next one */
  int32_t whole_words;         /* a filter's row is whole words, and so is its place */
  int32_t zero_point;          /* of the input */
};

struct mlbench_tuned_fp64;

/* Output positions whose patches are packed: `pairs` from `first` on, each with the one `shift`
 * behind it. */
struct mlbench_tuned_fp64_chunk {
  int32_t first, pairs, shift;
};

typedef void mlbench_tuned_fp64_pack_function(const struct mlbench_tuned_fp64 *params,
                                              const int8_t *input,
                                              const struct mlbench_tuned_fp64_chunk *chunk,
                                              double *to, int8_t *scratch);

/* CONV_2D with two activations in one double: conv2d_fp64.c. What follows `stream` is for patches.
 */
struct mlbench_tuned_fp64 {
  const struct mlbench_tuned_conv2d *conv; /* without gemm */
  const void *stream;                      /* per group of four channels: see fp64_gemm.S */
  mlbench_tuned_fp64_pack_function *pack;
  int32_t chunk;                            /* pairs that are packed at once */
  const struct mlbench_tuned_conv2d *image; /* all of it as one patch, or null */
};

/* One row of pairs: fp64_gemm.S, which knows the offsets and changes what it walks along. */
struct mlbench_tuned_fp64_call {
  const void *stream;
  const double *const *rows; /* of packed activations, one per run */
  int8_t *output_a, *output_b;
  double *doubles;     /* expanded: room for 4 k weights */
  int32_t channels;    /* at least four */
  int32_t group_bytes; /* of four channels in the stream */
  int32_t runs, run;   /* a run's bytes */
  int32_t pitch;       /* bytes between the pairs of neighbouring positions */
  int32_t output_pitch;
  int32_t pairs; /* outputs that are wanted of either half */
};

/* CONV_2D 3x3 by Winograd's F(2x2, 3x3): conv2d_fp64_winograd.c. */
struct mlbench_tuned_winograd {
  const struct mlbench_tuned_conv2d *conv; /* without gemm */
  const void *stream;                      /* per group of four channels: see fp64_winograd.S */
  int32_t steps;                           /* input channels, rounded up to fours, / 4 */
  int32_t tiles;                           /* at most so many pairs of tiles at once: 4 or 6 */
};

/* A row of pairs of tiles: fp64_winograd.S. The assembly knows the offsets. */
struct mlbench_tuned_winograd_call {
  const void *stream;
  double *values, *sums;
  int8_t *output_a, *output_b;
  int32_t row;      /* bytes between the rows of outputs */
  int32_t channels; /* of the output, and bytes between positions */
  int32_t steps;
};

/* One channel's start and requantisation: see requantise.py. */
struct mlbench_tuned_channel {
  int32_t bias, multiplier, add, sign, pre, shift;
};

/* DEPTHWISE_CONV_2D: depthwise.c. */
struct mlbench_tuned_depthwise {
  const int8_t *weights;    /* [filter_h][filter_w][output channel] */
  const int32_t *constants; /* struct mlbench_tuned_channel per output channel */
  int32_t images;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w;
  int32_t filter_h, filter_w;
  int32_t stride_h, stride_w;
  int32_t dilation_h, dilation_w;
  int32_t padding_h, padding_w;
  int32_t depth_multiplier;
  int32_t input_offset;
  int32_t range, low;
};

/* DEPTHWISE_CONV_2D 3x3 of one image: depthwise_3x3.S. The assembly knows the offsets. */
struct mlbench_tuned_depthwise_3x3 {
  const void *constants;
  int32_t channels;
  int32_t row, output_row; /* bytes */
  int32_t columns;         /* of outputs that have all nine taps but for rows above and below */
  int32_t left, right;     /* 1: one more column at that side, one tap of each row is padding */
  int32_t top, bottom;  /* 1: the row of taps above the first, below the last output is padding */
  int32_t turns, entry; /* of the loop over rows, and where it is entered */
  int32_t zero_point;   /* of the input */
  int32_t range, low;   /* upper minus lower activation bound, lower bound */
  int32_t kept, rows;   /* columns of outputs kept until a channel is done, outputs of a column */
};

/* One strip of columns, all channels: depthwise_3x3_fp64.S. The assembly knows the offsets. */
struct mlbench_tuned_depthwise_fp64_call {
  double left, right;                   /* what a tap of padding adds there, or 0 */
  const void *stream;                   /* see depthwise_3x3_fp64.S */
  const double *away;                   /* d of the first channel */
  const int8_t *first_a, *first_b;      /* first row of pixels of either half */
  const int8_t *second_a, *second_b;    /* second row, those below follow it */
  const int8_t *last_a, *last_b, *stop; /* last row, and its place below second_a */
  int8_t *output_a, *output_b;
  int32_t row, output_row; /* bytes */
  int32_t channels;
  int32_t away_step; /* bytes from d to the next channel's */
  int32_t open;      /* bits: 1 there is a column to the left, 2 to the right */
};

typedef void mlbench_tuned_depthwise_fp64_function(
    const struct mlbench_tuned_depthwise_fp64_call *call);

/* DEPTHWISE_CONV_2D 3x3 on the D unit: depthwise_fp64.c. */
struct mlbench_tuned_depthwise_fp64 {
  const void *stream;
  const double *away;
  int32_t away_step;
  mlbench_tuned_depthwise_fp64_function *strip;
  int32_t columns; /* of a strip of outputs */
  int32_t images;
  int32_t input_h, input_w;
  int32_t output_h, output_w;
  int32_t channels;
  int32_t stride;
  int32_t padding_h, padding_w;
  int32_t zero_point; /* of the input */
};

/* FULLY_CONNECTED of one row with one scale: fully_connected.S. The assembly knows the offsets. */
struct mlbench_tuned_fully_connected {
  const void *stream;
  int32_t k;
  int32_t outputs;
  int32_t multiplier, add, pre, shift, sign; /* sign is 0 where nothing below 0 is kept */
  int32_t range, low;                        /* upper minus lower activation bound, lower bound */
};

/* ADD of two int8 tensors of one shape: add.c. */
struct mlbench_tuned_add {
  const int32_t *right;
  int32_t count;
  int32_t left_shift;
  int32_t multiplier, add, shift, sign;
  int32_t range, low;
};

/* AVERAGE_POOL_2D: average_pool2d.c. */
struct mlbench_tuned_average_pool2d {
  int32_t batches, input_h, input_w, channels;
  int32_t output_h, output_w;
  int32_t filter_h, filter_w;
  int32_t stride_h, stride_w;
  int32_t padding_h, padding_w;
  int32_t low, high;
};

/* An image in V's kernels. Without padding `padded_h` is 0 and the rest unused. */
struct mlbench_tuned_vector_image {
  int32_t padded_h, padded_row; /* rows, and bytes of one */
  int32_t first;                /* where the image's first byte goes */
  int32_t rows, row, row_bytes; /* rows to copy, their distance and length in bytes */
  int32_t zero_point;
};

/* vector_gemm.S. The assembly knows the offsets. */
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

/* DEPTHWISE_CONV_2D 3x3 of one image: vector_depthwise_3x3.S. The assembly knows the offsets. */
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

/* vector_planes.S. The assembly knows the offsets. */
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

/* Rows of an image into planes: vector_planes.S. The assembly knows the offsets. */
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

/* FULLY_CONNECTED: vector_fully_connected.S. The assembly knows the offsets. */
struct mlbench_tuned_vector_fully_connected {
  const int8_t *weights;
  const int32_t *constants;
  int32_t rows, k, channels;
  int32_t zero_point, low, high; /* of the output */
  int32_t is_signed;
};

/* ADD: vector_elementwise.S. The assembly knows the offsets. */
struct mlbench_tuned_vector_add {
  int32_t count;
  int32_t left_offset, left_multiplier, left_e;
  int32_t right_offset, right_multiplier, right_e;
  int32_t multiplier, e;
  int32_t zero_point, low, high;
  int32_t is_signed; /* bits: left 1, right 2, sum 4 */
};

/* The rows of a patch that lies in the image, side by side. */
void mlbench_tuned_gather_rows(int8_t *to, const int8_t *from, int32_t rows, int32_t pitch,
                               int32_t count);
/* Any patch; its first tap is pixel (x, top). */
void mlbench_tuned_gather(const struct mlbench_tuned_conv2d *params, const int8_t *image,
                          int32_t top, int32_t x, int8_t *to);

void mlbench_tuned_gemm_5x4(const struct mlbench_tuned_gemm *params, const int8_t *packed,
                            int8_t *output);
void mlbench_tuned_gemm_1x4(const struct mlbench_tuned_gemm *params, const int8_t *packed,
                            int8_t *output);

void mlbench_tuned_conv2d(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                          int8_t *output, void *scratch);
void mlbench_tuned_conv2d_1x1(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                              int8_t *output, void *scratch);

void mlbench_tuned_fp64_gemm(struct mlbench_tuned_fp64_call *call);
void mlbench_tuned_fp64_gemm_expanded(struct mlbench_tuned_fp64_call *call);
mlbench_tuned_fp64_pack_function mlbench_tuned_fp64_pack_pixels, mlbench_tuned_fp64_pack_patches,
    mlbench_tuned_fp64_tile_pixels, mlbench_tuned_fp64_tile_padded;
void mlbench_tuned_conv2d_fp64_patches(const struct mlbench_tuned_fp64 *params, const int8_t *input,
                                       int8_t *output, void *scratch);
void mlbench_tuned_conv2d_fp64_expanded(const struct mlbench_tuned_fp64 *params,
                                        const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_conv2d_fp64_rows(const struct mlbench_tuned_fp64 *params, const int8_t *input,
                                    int8_t *output, void *scratch);
mlbench_tuned_depthwise_fp64_function mlbench_tuned_depthwise_fp64_w1,
    mlbench_tuned_depthwise_fp64_w2, mlbench_tuned_depthwise_fp64_w3,
    mlbench_tuned_depthwise_fp64_w4, mlbench_tuned_depthwise_fp64_w5,
    mlbench_tuned_depthwise_fp64_s2_w1, mlbench_tuned_depthwise_fp64_s2_w2,
    mlbench_tuned_depthwise_fp64_s2_w3, mlbench_tuned_depthwise_fp64_s2_w4,
    mlbench_tuned_depthwise_fp64_s2_w5;
void mlbench_tuned_depthwise_3x3_fp64(const struct mlbench_tuned_depthwise_fp64 *params,
                                      const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_winograd_input(const double *early, const double *late, double *values,
                                  int32_t channels, int32_t tiles);
void mlbench_tuned_winograd_6(const struct mlbench_tuned_winograd_call *call);
void mlbench_tuned_winograd_4(const struct mlbench_tuned_winograd_call *call);
void mlbench_tuned_conv2d_fp64_winograd(const struct mlbench_tuned_winograd *params,
                                        const int8_t *input, int8_t *output, void *scratch);
mlbench_tuned_vector_gemm_function mlbench_tuned_vector_gemm_m8, mlbench_tuned_vector_gemm_m4,
    mlbench_tuned_vector_gemm_m2;
mlbench_tuned_vector_planes_function mlbench_tuned_vector_planes_m8, mlbench_tuned_vector_planes_m4,
    mlbench_tuned_vector_planes_depthwise;
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
void mlbench_tuned_vector_average_pool2d(const struct mlbench_tuned_average_pool2d *params,
                                         const int8_t *input, int8_t *output);
void mlbench_tuned_vector_fill(int8_t *to, int32_t value, int32_t count);
void mlbench_tuned_vector_copy_rows(int8_t *to, const int8_t *from, int32_t rows, int32_t to_pitch,
                                    int32_t from_pitch, int32_t count);
void mlbench_tuned_vector_depthwise_3x3(const struct mlbench_tuned_vector_depthwise *params,
                                        const int8_t *padded, int8_t *output);
void mlbench_tuned_vector_conv2d(const struct mlbench_tuned_vector_conv2d *params,
                                 const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_vector_conv2d_patches(const struct mlbench_tuned_vector_conv2d *params,
                                         const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_vector_depthwise(const struct mlbench_tuned_vector_depthwise *params,
                                    const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_fully_connected_16(const struct mlbench_tuned_fully_connected *params,
                                      const int8_t *input, int8_t *output);
void mlbench_tuned_fully_connected_4(const struct mlbench_tuned_fully_connected *params,
                                     const int8_t *input, int8_t *output);
void mlbench_tuned_add(const struct mlbench_tuned_add *params, const int8_t *left,
                       const int8_t *right, int8_t *output);
void mlbench_tuned_add_signed(const struct mlbench_tuned_add *params, const int8_t *left,
                              const int8_t *right, int8_t *output);
void mlbench_tuned_average_pool2d(const struct mlbench_tuned_average_pool2d *params,
                                  const int8_t *input, int8_t *output);
void mlbench_tuned_depthwise(const struct mlbench_tuned_depthwise *params, const int8_t *input,
                             int8_t *output);
void mlbench_tuned_depthwise_3x3(const struct mlbench_tuned_depthwise_3x3 *params,
                                 const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_depthwise_3x3_s2(const struct mlbench_tuned_depthwise_3x3 *params,
                                    const int8_t *input, int8_t *output, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
