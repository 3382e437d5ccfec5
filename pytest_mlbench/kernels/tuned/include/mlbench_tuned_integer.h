/* The argument structs and prototypes of the integer kernels: see mlbench_tuned.h. */
#ifndef MLBENCH_TUNED_INTEGER_H
#define MLBENCH_TUNED_INTEGER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A matrix product over packed activations: gemm_5x4.S. Offsets: mlbench_tuned_offsets.h. */
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

/* One channel's start and requantisation: see requantise/fixed_point.py. */
struct mlbench_tuned_channel {
  int32_t bias, multiplier, offset, sign, left_shift, shift;
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

/* DEPTHWISE_CONV_2D 3x3 of one image: depthwise_3x3.S. Offsets: mlbench_tuned_offsets.h. */
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

/* FULLY_CONNECTED of one row with one scale: fully_connected.S. Offsets: mlbench_tuned_offsets.h.
 */
struct mlbench_tuned_fully_connected {
  const void *stream;
  int32_t k;
  int32_t outputs;
  int32_t multiplier, offset, left_shift, shift, sign; /* sign is 0 where nothing below 0 is kept */
  int32_t range, low; /* upper minus lower activation bound, lower bound */
};

/* ADD of two int8 tensors of one shape: add.c. */
struct mlbench_tuned_add {
  const int32_t *right;
  int32_t count;
  int32_t left_shift;
  int32_t multiplier, offset, shift, sign;
  int32_t range, low;
};

/* The same where it is one line over both tensors. */
struct mlbench_tuned_add_line {
  int32_t count;
  int32_t left, right, offset, shift; /* see requantise/sum_line.py */
  int32_t range, low;
};

/* AVERAGE_POOL_2D and MAX_POOL_2D: average_pool2d.c, max_pool2d.c. */
struct mlbench_tuned_pool2d {
  int32_t batches, input_h, input_w, channels;
  int32_t output_h, output_w;
  int32_t filter_h, filter_w;
  int32_t stride_h, stride_w;
  int32_t padding_h, padding_w;
  int32_t low, high;
};

/* Declares `first` and `end`: where a window that begins at `start` lies inside the image, along
 * one dimension. A macro, since a function that returns both costs registers in the loops around
 * it. */
#define MLBENCH_TUNED_WINDOW(first, end, start, filter, size) \
  int32_t first = (start);                                    \
  int32_t end = first + (filter);                             \
  first = first < 0 ? 0 : first;                              \
  end = end > (size) ? (size) : end

/* DEPTHWISE_CONV_2D of any filter: depthwise_plane.c. */
struct mlbench_tuned_depthwise_plane {
  const int8_t *weights;    /* [output channel][filter_h][filter_w] */
  const int32_t *constants; /* struct mlbench_tuned_channel per output channel */
  const int16_t *offsets;   /* per column of the filter, in the plane's row */
  int32_t images;
  int32_t input_h, input_w, input_c;
  int32_t output_h, output_w, output_c;
  int32_t filter_h, filter_w;
  int32_t stride_h, stride_w;
  int32_t padding_h, padding_w;
  int32_t depth_multiplier;
  int32_t zero_point;                  /* of the input */
  int32_t plane_h, plane_row, phase_w; /* bytes of a row, and of a phase's part of it */
  int32_t tap_row;                     /* bytes between two rows of taps */
  int32_t neighbours;                  /* 1: the taps of a row lie side by side */
  int32_t range, low;
};

/* ADD, SUB, MUL: elementwise.c. */
struct mlbench_tuned_elementwise {
  const int32_t *left, *right; /* tables of 256, or a constant's values */
  int32_t blocks, period, repeat;
  int32_t left_offset, right_offset, left_shift; /* MUL's */
  int32_t multiplier, offset, shift, sign;
  int32_t range, low;
};

/* ADD, SUB, MUL with constants per channel: channel_line.c, requantise/channel_line.py. */
struct mlbench_tuned_line {
  int32_t threshold, step; /* `step` is added to sums below `threshold` */
  int32_t shift, range;    /* upper minus lower bound */
};

struct mlbench_tuned_channel_line {
  const int32_t *constants; /* per channel: slope and offset of the first line, of the second */
  int32_t channels, positions;
  const struct mlbench_tuned_line *first, *second;
  int32_t low; /* lower bound of the output */
};

typedef void mlbench_tuned_channel_line_function(const struct mlbench_tuned_channel_line *params,
                                                 const int8_t *input, int8_t *output);

/* A function of one byte: lookup.c. */
struct mlbench_tuned_lookup {
  const uint8_t *table;
  int32_t count;
};

/* SOFTMAX: softmax.c. */
struct mlbench_tuned_softmax {
  int32_t rows, depth;
  int32_t multiplier, shift, diff_min;
};

/* The same with exponentials by the distance from the largest value. */
struct mlbench_tuned_softmax_two {
  const int8_t *table; /* the first value's result for differences from -255 to 255 */
  int32_t rows;
};

struct mlbench_tuned_softmax_table {
  const int32_t *table;
  int32_t rows, depth;
};

/* MEAN: mean.c. */
struct mlbench_tuned_mean {
  int32_t outer, rows, channels;
  int32_t offset; /* of the sum of `rows` stored values */
  int32_t multiplier, shift, output_offset;
};

/* QUANTIZE: quantize.c. */
struct mlbench_tuned_quantize {
  int32_t count, zero_point;
  float scale;
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

void mlbench_tuned_gemm_rv64(const struct mlbench_tuned_gemm *params, const int64_t *packed,
                             int8_t *output, int32_t fields);
void mlbench_tuned_conv2d_rv64_pairs(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                     int8_t *output, void *scratch);
void mlbench_tuned_conv2d_rv64_triples(const struct mlbench_tuned_conv2d *params,
                                       const int8_t *input, int8_t *output, void *scratch);

void mlbench_tuned_conv2d(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                          int8_t *output, void *scratch);
void mlbench_tuned_conv2d_1x1(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                              int8_t *output, void *scratch);
void mlbench_tuned_conv2d_plane(const struct mlbench_tuned_conv2d *params, const int8_t *input,
                                int8_t *output, void *scratch);
void mlbench_tuned_fully_connected_16(const struct mlbench_tuned_fully_connected *params,
                                      const int8_t *input, int8_t *output);
void mlbench_tuned_fully_connected_4(const struct mlbench_tuned_fully_connected *params,
                                     const int8_t *input, int8_t *output);
void mlbench_tuned_add(const struct mlbench_tuned_add *params, const int8_t *left,
                       const int8_t *right, int8_t *output);
void mlbench_tuned_add_signed(const struct mlbench_tuned_add *params, const int8_t *left,
                              const int8_t *right, int8_t *output);
void mlbench_tuned_add_line(const struct mlbench_tuned_add_line *params, const int8_t *left,
                            const int8_t *right, int8_t *output);
void mlbench_tuned_average_pool2d(const struct mlbench_tuned_pool2d *params, const int8_t *input,
                                  int8_t *output);
void mlbench_tuned_depthwise(const struct mlbench_tuned_depthwise *params, const int8_t *input,
                             int8_t *output);
void mlbench_tuned_depthwise_3x3(const struct mlbench_tuned_depthwise_3x3 *params,
                                 const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_depthwise_3x3_s2(const struct mlbench_tuned_depthwise_3x3 *params,
                                    const int8_t *input, int8_t *output, void *scratch);

void mlbench_tuned_depthwise_plane(const struct mlbench_tuned_depthwise_plane *params,
                                   const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_average_pool2d_any(const struct mlbench_tuned_pool2d *params,
                                      const int8_t *input, int8_t *output);
void mlbench_tuned_max_pool2d(const struct mlbench_tuned_pool2d *params, const int8_t *input,
                              int8_t *output);
void mlbench_tuned_add_stored(const struct mlbench_tuned_elementwise *params, const int8_t *left,
                              const int8_t *right, int8_t *output);
void mlbench_tuned_add_constant(const struct mlbench_tuned_elementwise *params, const int8_t *left,
                                int8_t *output);
void mlbench_tuned_mul_stored(const struct mlbench_tuned_elementwise *params, const int8_t *left,
                              const int8_t *right, int8_t *output);
void mlbench_tuned_mul_constant(const struct mlbench_tuned_elementwise *params, const int8_t *left,
                                int8_t *output);
mlbench_tuned_channel_line_function mlbench_tuned_channel_line, mlbench_tuned_channel_line_signed,
    mlbench_tuned_channel_lines, mlbench_tuned_channel_lines_signed;
void mlbench_tuned_lookup(const struct mlbench_tuned_lookup *params, const uint8_t *input,
                          uint8_t *output);
void mlbench_tuned_softmax_two(const struct mlbench_tuned_softmax_two *params, const int8_t *input,
                               int8_t *output);
void mlbench_tuned_softmax(const struct mlbench_tuned_softmax *params, const int8_t *input,
                           int8_t *output, void *scratch);
void mlbench_tuned_softmax_table(const struct mlbench_tuned_softmax_table *params,
                                 const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_mean(const struct mlbench_tuned_mean *params, const int8_t *input,
                        int8_t *output);
void mlbench_tuned_quantize(const struct mlbench_tuned_quantize *params, const float *input,
                            int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
