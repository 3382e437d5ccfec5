/* DEPTHWISE_CONV_2D of any filter, stride, dilation and depth multiplier: one input channel after
 * the other. The channel's image, with the input's zero point around it, is copied to a plane of
 * its own; then the channel's outputs are computed from it, eight (four) of a row at once. A
 * plane's row has its columns by phase, those of column % stride_w = 0 first: the inputs of
 * neighbouring outputs are neighbours at any stride. offsets[kx] is where tap kx of the first
 * output is. The zero point's share is in the bias:
 *   acc    = bias + sum_tap weight[tap] * plane[tap]
 *   t      = mulh(acc << left_shift, multiplier)
 *   output = low + clamp((t + (t < 0 ? sign : 0) + offset) >> shift, 0, range)
 *
 * Instructions per MAC: neighbouring taps of neighbouring outputs share their loads. Three taps of
 * eight outputs are 10 + 3 loads, 48 for products and sums and 3 for pointers and the loop: 64 / 24
 * = 2.67; two taps 2.8, one 3.5; where taps are no neighbours (stride, dilation), 30 / 8 = 3.75. Of
 * four outputs: 36 / 12 = 3. Per output about 17 for the requantisation, and per pixel of the plane
 * 4 for the copy, which all outputs of the channel share.
 *
 * The output may lie over the input where the numbers of channels are equal and an output has no
 * more pixels than an input: a pixel's channel is copied before it is written.
 */
#include "mlbench_tuned.h"

enum { WIDE = 8, NARROW = 4 };

#define INLINE static inline __attribute__((always_inline))

struct sums {
  int32_t a[WIDE];
};

/* The image of channel 0 of `input` into the plane, phase by phase. */
static void fill(const struct mlbench_tuned_depthwise_plane *p, const int8_t *input,
                 int8_t *plane) {
  const int32_t c = p->input_c, step = p->stride_w * c;
  for (int32_t row = 0; row < p->plane_h; ++row, plane += p->plane_row) {
    const int32_t y = row - p->padding_h;
    for (int32_t phase = 0; phase < p->stride_w; ++phase) {
      int8_t *to = plane + phase * p->phase_w;
      int32_t x = phase - p->padding_w, left = p->phase_w;
      for (; left > 0 && (x < 0 || (uint32_t)y >= (uint32_t)p->input_h); --left) {
        *to++ = (int8_t)p->zero_point;
        x += p->stride_w;
      }
      const int8_t *from = input + (y * p->input_w + x) * c;
      int32_t inside = x < p->input_w ? (p->input_w - x + p->stride_w - 1) / p->stride_w : 0;
      inside = inside < left ? inside : left;
      left -= inside;
      for (; inside >= NARROW; inside -= NARROW) {
        const int8_t first = from[0], second = from[step];
        from += 2 * step;
        to[0] = first;
        to[1] = second;
        const int8_t third = from[0], fourth = from[step];
        from += 2 * step;
        to[2] = third;
        to[3] = fourth;
        to += NARROW;
      }
      for (; inside > 0; --inside, from += step) {
        *to++ = *from;
      }
      for (; left > 0; --left) {
        *to++ = (int8_t)p->zero_point;
      }
    }
  }
}

#define TAP4(w, x0, x1, x2, x3) \
  a0 += (w) * (x0);             \
  a1 += (w) * (x1);             \
  a2 += (w) * (x2);             \
  a3 += (w) * (x3)
#define TAP8(w, x0, x1, x2, x3, x4, x5, x6, x7) \
  TAP4(w, x0, x1, x2, x3);                      \
  a4 += (w) * (x4);                             \
  a5 += (w) * (x5);                             \
  a6 += (w) * (x6);                             \
  a7 += (w) * (x7)

/* The sums of `width` neighbouring outputs; `from`: the plane's row of their first tap. */
INLINE void accumulate(const struct mlbench_tuned_depthwise_plane *p, const int8_t *from,
                       const int8_t *w, int32_t bias, struct sums *sums, const int32_t width) {
  int32_t a0 = bias, a1 = bias, a2 = bias, a3 = bias;
  int32_t a4 = bias, a5 = bias, a6 = bias, a7 = bias;
  for (int32_t ky = p->filter_h; ky > 0; --ky, from += p->tap_row) {
    int32_t kx = p->filter_w;
    const int8_t *x = from;
    if (p->neighbours) {
      for (; kx >= 3; kx -= 3, x += 3, w += 3) {
        const int32_t w0 = w[0], w1 = w[1], w2 = w[2];
        const int32_t x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3], x4 = x[4], x5 = x[5];
        if (width == NARROW) {
          TAP4(w0, x0, x1, x2, x3);
          TAP4(w1, x1, x2, x3, x4);
          TAP4(w2, x2, x3, x4, x5);
        } else {
          const int32_t x6 = x[6], x7 = x[7], x8 = x[8], x9 = x[9];
          TAP8(w0, x0, x1, x2, x3, x4, x5, x6, x7);
          TAP8(w1, x1, x2, x3, x4, x5, x6, x7, x8);
          TAP8(w2, x2, x3, x4, x5, x6, x7, x8, x9);
        }
      }
      if (kx == 2) {
        const int32_t w0 = w[0], w1 = w[1];
        const int32_t x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3], x4 = x[4];
        if (width == NARROW) {
          TAP4(w0, x0, x1, x2, x3);
          TAP4(w1, x1, x2, x3, x4);
        } else {
          const int32_t x5 = x[5], x6 = x[6], x7 = x[7], x8 = x[8];
          TAP8(w0, x0, x1, x2, x3, x4, x5, x6, x7);
          TAP8(w1, x1, x2, x3, x4, x5, x6, x7, x8);
        }
        w += 2;
        continue;
      }
    }
    for (const int16_t *offset = p->offsets + (p->filter_w - kx); kx > 0; --kx) {
      const int32_t w0 = *w++;
      x = from + *offset++;
      if (width == NARROW) {
        TAP4(w0, x[0], x[1], x[2], x[3]);
      } else {
        TAP8(w0, x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]);
      }
    }
  }
  sums->a[0] = a0;
  sums->a[1] = a1;
  sums->a[2] = a2;
  sums->a[3] = a3;
  if (width == WIDE) {
    sums->a[4] = a4;
    sums->a[5] = a5;
    sums->a[6] = a6;
    sums->a[7] = a7;
  }
}

static __attribute__((noinline)) void wide_group(const struct mlbench_tuned_depthwise_plane *p,
                                                 const int8_t *from, const int8_t *w, int32_t bias,
                                                 struct sums *sums) {
  accumulate(p, from, w, bias, sums, WIDE);
}

static __attribute__((noinline)) void narrow_group(const struct mlbench_tuned_depthwise_plane *p,
                                                   const int8_t *from, const int8_t *w,
                                                   int32_t bias, struct sums *sums) {
  accumulate(p, from, w, bias, sums, NARROW);
}

static void channel(const struct mlbench_tuned_depthwise_plane *p, const int8_t *plane,
                    int32_t number, int8_t *output) {
  const struct mlbench_tuned_channel *found =
      (const struct mlbench_tuned_channel *)(const void *)p->constants + number;
  const int32_t multiplier = found->multiplier, offset = found->offset, sign = found->sign;
  const int32_t left_shift = found->left_shift, shift = found->shift, step = p->output_c;
  const uint32_t range = (uint32_t)p->range;
  const int32_t low = p->low;
  const int8_t *weights = p->weights + number * p->filter_h * p->filter_w;
  output += number;
  for (int32_t y = 0; y < p->output_h; ++y, plane += p->stride_h * p->plane_row) {
    const int8_t *from = plane;
    for (int32_t left = p->output_w; left > 0;) {
      struct sums sums;
      const int32_t width = left > NARROW ? WIDE : NARROW;
      if (width == WIDE) {
        wide_group(p, from, weights, found->bias, &sums);
      } else {
        narrow_group(p, from, weights, found->bias, &sums);
      }
      const int32_t *end = sums.a + (left < width ? left : width);
      for (const int32_t *acc = sums.a; acc != end; ++acc) {
        int32_t t =
            (int32_t)(((int64_t)(int32_t)((uint32_t)*acc << left_shift) * multiplier) >> 32);
        t = (t + (sign & (t >> 31)) + offset) >> shift;
        if ((uint32_t)t > range) {
          t = ~(t >> 31) & (int32_t)range;
        }
        *output = (int8_t)(t + low);
        output += step;
      }
      left -= width;
      from += width;
    }
  }
}

void mlbench_tuned_depthwise_plane(const struct mlbench_tuned_depthwise_plane *params,
                                   const int8_t *input, int8_t *output, void *scratch) {
  const int32_t multiplier = params->depth_multiplier;
  for (int32_t n = 0; n < params->images; ++n) {
    for (int32_t c = 0; c < params->input_c; ++c) {
      fill(params, input + c, scratch);
      for (int32_t m = 0; m < multiplier; ++m) {
        channel(params, scratch, c * multiplier + m, output);
      }
    }
    input += params->input_h * params->input_w * params->input_c;
    output += params->output_h * params->output_w * params->output_c;
  }
}
