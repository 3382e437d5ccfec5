/* Reference kernels that move values without using them. Conventions are those of
 * mlbench_kernels.h; sizes in bytes are for elements of any type.
 */
#ifndef MLBENCH_MOVES_H
#define MLBENCH_MOVES_H

#include <stdint.h>

#include "mlbench_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The output is dense; for each step along dimension i the input advances by step[i] bytes,
 * beginning at byte `first`. Runs of `run` bytes are contiguous. Unused leading
 * dimensions have size 1. */
struct mlbench_strided_copy {
  int32_t size[MLBENCH_MAX_DIMS];
  int32_t step[MLBENCH_MAX_DIMS];
  int32_t first, run;
};

/* The output's run of `run` bytes at index (i, j, ...) begins at byte table[0][i] + table[1][j] +
 * ... of the input. Unused leading dimensions have size 1 and a table of one 0. */
struct mlbench_pick {
  int32_t size[MLBENCH_MAX_DIMS];
  const int32_t *table[MLBENCH_MAX_DIMS];
  int32_t run;
};

/* `rows` times, to each of `outputs` tensors `row_bytes[i]` bytes. */
struct mlbench_split {
  const int32_t *row_bytes;
  int32_t outputs;
  int32_t rows;
};

/* GATHER: for each of `batches`, for each of `outer` blocks of `size` slices: `count` slices of
 * `run` bytes by index. */
struct mlbench_gather {
  int32_t batches, outer, size, count, run;
};

/* GATHER_ND: `count` slices of `run` bytes. An index has `depth` numbers, each below size[i]; the
 * slice begins at the sum of number * step[i] bytes. */
struct mlbench_gather_nd {
  int32_t count, depth, run;
  int32_t size[MLBENCH_MAX_DIMS];
  int32_t step[MLBENCH_MAX_DIMS];
};

/* SPACE_TO_BATCH_ND: output image (i * block.w + j) * input.n + n holds the pixels at (i, j) of
 * every block of image n, which was padded with bytes of `value`. Channels are in bytes. */
struct mlbench_space_to_batch {
  struct mlbench_image input, output;
  struct mlbench_extent block, padding;
  int32_t value;
};

/* PAD and PADV2 of elements of `item` bytes, 2 or 4; `pad` in bytes, its own value unused. */
struct mlbench_pad_items {
  struct mlbench_pad pad;
  int32_t item;
  uint8_t value[4];
};

void mlbench_reference_pad_items(const struct mlbench_pad_items *params, const void *input,
                                 void *output);
void mlbench_reference_strided_copy(const struct mlbench_strided_copy *params, const void *input,
                                    void *output);
void mlbench_reference_pick(const struct mlbench_pick *params, const void *input, void *output);
void mlbench_reference_split(const struct mlbench_split *params, const void *input,
                             const void *const *outputs);
void mlbench_reference_gather(const struct mlbench_gather *params, const void *input,
                              const int32_t *indices, void *output);
void mlbench_reference_gather_nd(const struct mlbench_gather_nd *params, const void *input,
                                 const int32_t *indices, void *output);
void mlbench_reference_space_to_batch(const struct mlbench_space_to_batch *params,
                                      const void *input, void *output);

#ifdef __cplusplus
}
#endif

#endif
