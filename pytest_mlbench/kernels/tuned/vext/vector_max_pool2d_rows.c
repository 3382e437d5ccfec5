/* MAX_POOL_2D for V, a row of outputs at once: vector_maximum.S takes the windows that lie inside
 * the image from left to right, vector_reduce.S those that do not, one by one.
 */
#include "mlbench_tuned.h"

#define INLINE static inline __attribute__((always_inline))

INLINE void rows(const struct mlbench_tuned_pool2d *p, const int8_t *input, int8_t *output,
                 mlbench_tuned_vector_maximum_function *maximum) {
  const int32_t c = p->channels;
  const int32_t row = p->input_w * c;
  /* Windows inside the image, from left to right: first <= ox < end. */
  const int32_t reach = p->input_w - p->filter_w + p->padding_w;
  const int32_t first = (p->padding_w + p->stride_w - 1) / p->stride_w;
  int32_t end = reach < 0 ? 0 : reach / p->stride_w + 1;
  end = end > p->output_w ? p->output_w : end;
  for (int32_t n = 0; n < p->batches; ++n) {
    for (int32_t oy = 0; oy < p->output_h; ++oy) {
      int32_t top = oy * p->stride_h - p->padding_h;
      int32_t bottom = top + p->filter_h;
      top = top < 0 ? 0 : top;
      bottom = bottom > p->input_h ? p->input_h : bottom;
      for (int32_t ox = 0; ox < p->output_w; ++ox, output += c) {
        int32_t left = ox * p->stride_w - p->padding_w;
        if (ox == first && first < end) {
          maximum(input + top * row + left * c, output, end - first, bottom - top, p->filter_w, row,
                  p->stride_w * c, c);
          ox = end - 1;
          output += (end - 1 - first) * c;
          continue;
        }
        int32_t right = left + p->filter_w;
        left = left < 0 ? 0 : left;
        right = right > p->input_w ? p->input_w : right;
        mlbench_tuned_vector_maximum(input + top * row + left * c, output, c, bottom - top,
                                     right - left, row, p->low, p->high);
      }
    }
    input += p->input_h * row;
  }
}

#define POOL(way)                                                                       \
  void mlbench_tuned_vector_max_pool2d_##way(const struct mlbench_tuned_pool2d *params, \
                                             const int8_t *input, int8_t *output) {     \
    rows(params, input, output, mlbench_tuned_vector_maximum_##way);                    \
  }

POOL(8)
POOL(4)
POOL(1)
POOL(2x2_8)
POOL(2x2_4)
POOL(2x2_1)
