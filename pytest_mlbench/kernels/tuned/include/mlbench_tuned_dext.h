/* The argument structs and prototypes of the kernels on the D unit: see mlbench_tuned.h. */
#ifndef MLBENCH_TUNED_DEXT_H
#define MLBENCH_TUNED_DEXT_H

#include "mlbench_tuned_integer.h"

#ifdef __cplusplus
extern "C" {
#endif

struct mlbench_tuned_pairs;

/* Output positions whose patches are packed: `pairs` pairs (p, p + shift), p from `first` on. */
struct mlbench_tuned_pairs_chunk {
  int32_t first, pairs, shift;
};

typedef void mlbench_tuned_pairs_pack_function(const struct mlbench_tuned_pairs *params,
                                               const int8_t *input,
                                               const struct mlbench_tuned_pairs_chunk *chunk,
                                               double *to, int8_t *scratch);

/* CONV_2D with two activations in one double: conv2d_pairs.c. */
struct mlbench_tuned_pairs {
  const struct mlbench_tuned_conv2d *conv; /* without gemm */
  const void *stream;                      /* per group of four channels: see gemm_pairs.S */
  mlbench_tuned_pairs_pack_function *pack;
  union {
    int32_t chunk;      /* patches: pairs that are packed at once */
    int32_t kept_words; /* rows: of the image, 8 bytes each, copied if the output lies over it */
  };
  const struct mlbench_tuned_conv2d *image; /* the whole image as one patch, or null */
};

/* One row of pairs: gemm_pairs.S changes what it walks along. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_pairs_call {
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

/* CONV_2D 3x3 by Winograd's F(2x2, 3x3): conv2d_winograd.c. */
struct mlbench_tuned_winograd {
  const struct mlbench_tuned_conv2d *conv; /* without gemm */
  const void *stream;                      /* per group of four channels: see winograd.S */
  int32_t steps;                           /* input channels, rounded up to fours, / 4 */
  int32_t tiles;                           /* at most so many pairs of tiles at once: 4 or 6 */
};

/* A row of pairs of tiles: winograd.S. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_winograd_call {
  const void *stream;
  double *values, *sums;
  int8_t *output_a, *output_b;
  int32_t row;      /* bytes between the rows of outputs */
  int32_t channels; /* of the output, and bytes between positions */
  int32_t steps;
};

/* One strip of columns, all channels: depthwise_3x3_pairs.S. Offsets: mlbench_tuned_offsets.h. */
struct mlbench_tuned_depthwise_pairs_call {
  double left, right;                   /* what a tap of padding adds there, or 0 */
  const void *stream;                   /* see depthwise_3x3_pairs.S */
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

typedef void mlbench_tuned_depthwise_pairs_function(
    const struct mlbench_tuned_depthwise_pairs_call *call);

/* DEPTHWISE_CONV_2D 3x3 on the D unit: depthwise_pairs.c. */
struct mlbench_tuned_depthwise_pairs {
  const void *stream;
  const double *away;
  int32_t away_step;
  mlbench_tuned_depthwise_pairs_function *strip;
  int32_t columns; /* of a strip of outputs */
  int32_t images;
  int32_t input_h, input_w;
  int32_t output_h, output_w;
  int32_t channels;
  int32_t stride;
  int32_t padding_h, padding_w;
  int32_t zero_point; /* of the input */
};

void mlbench_tuned_gemm_pairs(struct mlbench_tuned_pairs_call *call);
void mlbench_tuned_gemm_pairs_expanded(struct mlbench_tuned_pairs_call *call);
mlbench_tuned_pairs_pack_function mlbench_tuned_pairs_pack_pixels, mlbench_tuned_pairs_pack_patches,
    mlbench_tuned_pairs_tile_pixels, mlbench_tuned_pairs_tile_padded;
void mlbench_tuned_conv2d_pairs_patches(const struct mlbench_tuned_pairs *params,
                                        const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_conv2d_pairs_expanded(const struct mlbench_tuned_pairs *params,
                                         const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_conv2d_pairs_rows(const struct mlbench_tuned_pairs *params, const int8_t *input,
                                     int8_t *output, void *scratch);
mlbench_tuned_depthwise_pairs_function mlbench_tuned_depthwise_pairs_w1,
    mlbench_tuned_depthwise_pairs_w2, mlbench_tuned_depthwise_pairs_w3,
    mlbench_tuned_depthwise_pairs_w4, mlbench_tuned_depthwise_pairs_w5,
    mlbench_tuned_depthwise_pairs_s2_w1, mlbench_tuned_depthwise_pairs_s2_w2,
    mlbench_tuned_depthwise_pairs_s2_w3, mlbench_tuned_depthwise_pairs_s2_w4,
    mlbench_tuned_depthwise_pairs_s2_w5;
void mlbench_tuned_depthwise_3x3_pairs(const struct mlbench_tuned_depthwise_pairs *params,
                                       const int8_t *input, int8_t *output, void *scratch);
void mlbench_tuned_winograd_input(const double *early, const double *late, double *values,
                                  int32_t channels, int32_t tiles);
void mlbench_tuned_winograd_6(const struct mlbench_tuned_winograd_call *call);
void mlbench_tuned_winograd_4(const struct mlbench_tuned_winograd_call *call);
void mlbench_tuned_conv2d_pairs_winograd(const struct mlbench_tuned_winograd *params,
                                         const int8_t *input, int8_t *output, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
