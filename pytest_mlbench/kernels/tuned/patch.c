/* Gathers the input of a filter at one position (a patch) into one row of bytes.
 *
 * Outside the image, a patch holds the input's zero point. The bias includes the zero point's share
 * of every weight, so such a tap adds nothing, as in TensorFlow Lite, which skips it.
 */
#include "mlbench_tuned.h"

typedef int32_t __attribute__((may_alias)) word;

#define INLINE static inline __attribute__((always_inline))

INLINE int8_t *copy(int8_t *to, const int8_t *from, int32_t count) {
  for (; count >= 4; count -= 4) {
    int8_t a = from[0], b = from[1], c = from[2], d = from[3];
    to[0] = a;
    to[1] = b;
    to[2] = c;
    to[3] = d;
    from += 4;
    to += 4;
  }
  for (; count > 0; --count) {
    *to++ = *from++;
  }
  return to;
}

static __attribute__((noinline)) int8_t *fill(int8_t *to, int8_t value, int32_t count) {
  for (; count >= 4; count -= 4) {
    to[0] = value;
    to[1] = value;
    to[2] = value;
    to[3] = value;
    to += 4;
  }
  for (; count > 0; --count) {
    *to++ = value;
  }
  return to;
}

INLINE int8_t *copy_words(int8_t *to, const int8_t *from, int32_t count) {
  for (; count > 0; count -= 4) {
    *(word *)to = *(const word *)from;
    to += 4;
    from += 4;
  }
  return to;
}

/* The rows of a patch, side by side. */
void mlbench_tuned_gather_rows(int8_t *to, const int8_t *from, int32_t rows, int32_t pitch,
                               int32_t count) {
  for (; rows > 0; --rows) {
    to = copy(to, from, count);
    from += pitch;
  }
}

/* A patch whose first tap is pixel (x, y), parts of which may be outside the image. Its taps
 * are ordered run (a row of the filter, or one pixel when it is dilated), row, pixel, channel. */
void mlbench_tuned_gather(const struct mlbench_tuned_conv2d *params, const int8_t *image,
                          int32_t top, int32_t x, int8_t *to) {
  int32_t c = params->input_c;
  int32_t width = params->dilation_w == 1 ? params->filter_w : 1;
  for (int32_t kx = 0; kx < params->filter_w; kx += width, x += params->dilation_w) {
    int32_t before = x < 0 ? -x : 0;
    int32_t behind = x + width > params->input_w ? x + width - params->input_w : 0;
    before = before > width ? width : before;
    behind = behind > width ? width : behind;
    int32_t inside = (width - before - behind) * c;
    before *= c;
    behind *= c;
    int32_t y = top;
    const int8_t *from = image + (y * params->input_w + x) * c + before;
    for (int32_t ky = params->filter_h; ky > 0; --ky) {
      if ((uint32_t)y >= (uint32_t)params->input_h) {
        to = fill(to, (int8_t)params->zero_point, width * c);
      } else {
        if (before > 0) {
          to = fill(to, (int8_t)params->zero_point, before);
        }
        to = params->whole_words ? copy_words(to, from, inside) : copy(to, from, inside);
        if (behind > 0) {
          to = fill(to, (int8_t)params->zero_point, behind);
        }
      }
      y += params->dilation_h;
      from += params->row;
    }
  }
}
