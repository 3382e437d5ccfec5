/* DEPTHWISE_CONV_2D of any filter, stride, dilation and depth multiplier.
 *
 *   acc    = bias + sum over the taps inside the image of weight * (input + input_offset)
 *   t      = mulh(acc << left_shift, multiplier)
 *   output = low + clamp((t + (t < 0 ? sign : 0) + offset) >> shift, 0, range)
 * with the constants of requantise/fixed_point.py, one record per channel.
 *
 * Instructions per MAC: two loads, the offset, a mul and an add, two pointers and the loop: 8,
 * since nothing is known of the filter; and about 50 per output. depthwise_3x3.S serves the usual
 * case.
 */
#include "mlbench_tuned.h"

static int8_t requantised(int32_t acc, const struct mlbench_tuned_channel *c, int32_t range,
                          int32_t low) {
  const int32_t scaled = (int32_t)((uint32_t)acc << c->left_shift);
  int32_t t = (int32_t)(((int64_t)scaled * c->multiplier) >> 32);
  t += c->sign & (t >> 31);
  t = (t + c->offset) >> c->shift;
  if ((uint32_t)t > (uint32_t)range) {
    t = ~(t >> 31) & range;
  }
  return (int8_t)(t + low);
}

/* The first tap that lies in the image, and how many there are. */
static int32_t first_inside(int32_t start, int32_t step) {
  return start < 0 ? (-start + step - 1) / step : 0;
}

static int32_t end_inside(int32_t start, int32_t step, int32_t taps, int32_t size) {
  const int32_t end = start >= size ? 0 : (size - start + step - 1) / step;
  return end < taps ? end : taps;
}

void mlbench_tuned_depthwise(const struct mlbench_tuned_depthwise *p, const int8_t *input,
                             int8_t *output) {
  const int32_t row = p->input_w * p->input_c;
  const int32_t outputs = p->input_c * p->depth_multiplier;
  const struct mlbench_tuned_channel *constants =
      (const struct mlbench_tuned_channel *)(const void *)p->constants;
  for (int32_t n = 0; n < p->images; ++n) {
    for (int32_t oy = 0; oy < p->output_h; ++oy) {
      const int32_t y = oy * p->stride_h - p->padding_h;
      const int32_t top = first_inside(y, p->dilation_h);
      const int32_t bottom = end_inside(y, p->dilation_h, p->filter_h, p->input_h);
      for (int32_t ox = 0; ox < p->output_w; ++ox) {
        const int32_t x = ox * p->stride_w - p->padding_w;
        const int32_t left = first_inside(x, p->dilation_w);
        const int32_t right = end_inside(x, p->dilation_w, p->filter_w, p->input_w);
        for (int32_t c = 0, from = 0, again = 0; c < outputs; ++c) {
          int32_t acc = constants[c].bias;
          for (int32_t ky = top; ky < bottom; ++ky) {
            const int8_t *in = input + (y + ky * p->dilation_h) * row +
                               (x + left * p->dilation_w) * p->input_c + from;
            const int8_t *w = p->weights + (ky * p->filter_w + left) * outputs + c;
            for (int32_t kx = left; kx < right; ++kx) {
              acc += *w * (*in + p->input_offset);
              in += p->dilation_w * p->input_c;
              w += outputs;
            }
          }
          *output++ = requantised(acc, &constants[c], p->range, p->low);
          if (++again == p->depth_multiplier) {
            again = 0;
            ++from;
          }
        }
      }
    }
    input += p->input_h * row;
  }
}
