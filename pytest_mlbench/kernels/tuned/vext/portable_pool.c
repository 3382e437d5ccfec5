/* vector_max_pool2d_2x2.S and vector_max_pool2d_2x2_blocks.S in C: see mlbench_tuned_portable.h. */
#include "mlbench_tuned.h"
#include "mlbench_tuned_portable.h"

#if !defined(__riscv)

static int8_t larger(int8_t a, int8_t b) { return a > b ? a : b; }

static void max_pool(const struct mlbench_tuned_pool2d *p, const int8_t *input, int8_t *output,
                     int32_t block) {
  const int32_t c = p->channels, row = p->input_w * c;
  for (int32_t y = 0; y < p->batches * p->output_h; ++y) {
    const int8_t *image = input + y / p->output_h * p->input_h * row;
    const int8_t *top = image + y % p->output_h * p->stride_h * row;
    for (int32_t first = 0; first < c; first += block) {
      for (int32_t i = 0; i < p->output_w * block; ++i) {
        const int32_t x = i / block, at = first + i % block;
        const int8_t *from = top + x * p->stride_w * c + at;
        output[(y * p->output_w + x) * c + at] =
            larger(larger(from[0], from[c]), larger(from[row], from[row + c]));
      }
    }
  }
}

#define POOL(block)                                                                               \
  void mlbench_tuned_vector_max_pool2d_2x2_row_##block(const struct mlbench_tuned_pool2d *params, \
                                                       const int8_t *input, int8_t *output) {     \
    max_pool(params, input, output, block);                                                       \
  }
POOL(8)
POOL(16)
POOL(32)
POOL(64)

#define BLOCKS(count)                                                                 \
  void mlbench_tuned_vector_max_pool2d_2x2_blocks_##count(                            \
      const struct mlbench_tuned_pool2d *params, const int8_t *input, int8_t *output, \
      int32_t block) {                                                                \
    (void)block; /* divides a row, and is all channels of so many windows */          \
    max_pool(params, input, output, params->channels);                                \
  }
BLOCKS(1)
BLOCKS(2)
BLOCKS(4)

#endif
