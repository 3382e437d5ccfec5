/* AVERAGE_POOL_2D and MAX_POOL_2D, int8.
 *
 * Arithmetic: the window is cut at the image's edges. The average is the sum of the stored values
 * divided by the number of values, rounded to nearest with ties away from zero; input and output
 * have one quantisation, so nothing is rescaled. TensorFlow Lite 8-bit quantization
 * specification, AVERAGE_POOL_2D and MAX_POOL_2D.
 */
#include "mlbench_kernels.h"
#include "mlbench_requantise.h"

/* A window in the image: rows [top, bottom), columns [left, right). */
struct window {
  int32_t top, bottom, left, right;
};

static struct window window_at(const struct mlbench_pool2d *params, int32_t y, int32_t x) {
  const int32_t first_y = y * params->stride.h - params->padding.h;
  const int32_t first_x = x * params->stride.w - params->padding.w;
  const int32_t last_y = first_y + params->filter.h;
  const int32_t last_x = first_x + params->filter.w;
  const struct window window = {
      .top = first_y < 0 ? 0 : first_y,
      .bottom = last_y > params->input.h ? params->input.h : last_y,
      .left = first_x < 0 ? 0 : first_x,
      .right = last_x > params->input.w ? params->input.w : last_x,
  };
  return window;
}

static int32_t average(const struct mlbench_pool2d *params, const int8_t *input,
                       const struct window *window) {
  const int32_t count = (window->bottom - window->top) * (window->right - window->left);
  int32_t sum = 0;
  for (int32_t y = window->top; y < window->bottom; ++y) {
    for (int32_t x = window->left; x < window->right; ++x) {
      sum += input[(y * params->input.w + x) * params->input.c];
    }
  }
  return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

static int32_t maximum(const struct mlbench_pool2d *params, const int8_t *input,
                       const struct window *window) {
  int32_t most = -128;
  for (int32_t y = window->top; y < window->bottom; ++y) {
    for (int32_t x = window->left; x < window->right; ++x) {
      const int32_t value = input[(y * params->input.w + x) * params->input.c];
      most = value > most ? value : most;
    }
  }
  return most;
}

/* Either kind of pooling; `of_window` is a constant wherever this is inlined. */
static inline __attribute__((always_inline)) void pool(
    const struct mlbench_pool2d *params, const int8_t *input, int8_t *output,
    int32_t (*of_window)(const struct mlbench_pool2d *, const int8_t *, const struct window *)) {
  for (int32_t n = 0; n < params->output.n; ++n) {
    for (int32_t y = 0; y < params->output.h; ++y) {
      for (int32_t x = 0; x < params->output.w; ++x) {
        const struct window window = window_at(params, y, x);
        for (int32_t c = 0; c < params->output.c; ++c) {
          *output++ = (int8_t)mlbench_clamp(of_window(params, input + c, &window),
                                            params->activation_min, params->activation_max);
        }
      }
    }
    input += params->input.h * params->input.w * params->input.c;
  }
}

void mlbench_reference_average_pool2d(const struct mlbench_pool2d *params, const int8_t *input,
                                      int8_t *output) {
  pool(params, input, output, average);
}

void mlbench_reference_max_pool2d(const struct mlbench_pool2d *params, const int8_t *input,
                                  int8_t *output) {
  pool(params, input, output, maximum);
}
