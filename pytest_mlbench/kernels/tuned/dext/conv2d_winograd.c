/* CONV_2D 3x3 with stride 1 by Winograd's F(2x2, 3x3), two tiles in one double: packing, and the
 * loops around winograd.S.
 *
 * The image is worked on in strips of 12 or 8 columns of outputs, that is 6 or 4 tiles of 2x2, down
 * the image: every tile of its upper half with one of its lower half, as far below as both still
 * cover the image. The last strip ends with the last column. Where rows or columns are odd, some
 * are therefore computed twice, with equal results, and none is outside. An image narrower than its
 * strip is the exception: its outputs go into a buffer first.
 *
 * Four packed rows are kept, interleaved by pixel and channel, so that one step of the assembly
 * finds its column of a tile behind one pointer. Row y is in slot y % 4. A pair of pixels takes
 * about 7 instructions and is packed once, but for the two columns that neighbouring strips share.
 */
#include "mlbench_tuned.h"
#include "mlbench_tuned_pair.h"

enum { SLOTS = 4, TILE = 16, SUMS = 16 * 24 };

static __attribute__((noinline)) double *pack(double *to, const int8_t *a, const int8_t *b,
                                              int32_t count) {
  for (; count >= 4; count -= 4) {
    to[0] = pair(a[0], b[0]);
    to[SLOTS] = pair(a[1], b[1]);
    to[2 * SLOTS] = pair(a[2], b[2]);
    to[3 * SLOTS] = pair(a[3], b[3]);
    to += 4 * SLOTS;
    a += 4;
    b += 4;
  }
  for (; count > 0; --count) {
    *to = pair(*a++, *b++);
    to += SLOTS;
  }
  return to;
}

static __attribute__((noinline)) double *fill(double *to, double value, int32_t count,
                                              int32_t step) {
  for (; count > 0; --count) {
    *to = value;
    to += step;
  }
  return to;
}

/* The pairs of tiles of the next strip. What is left is covered by as few products as there can
 * be: 13 to 16 columns are two fours. */
static int32_t next_tiles(int32_t left, int32_t most) {
  return left <= 8 || (left > 12 && left <= 16) ? 4 : most;
}

void mlbench_tuned_conv2d_pairs_winograd(const struct mlbench_tuned_winograd *params,
                                         const int8_t *input, int8_t *output, void *scratch) {
  const struct mlbench_tuned_conv2d *conv = params->conv;
  const int32_t c = conv->input_c, channels = conv->channels;
  const int32_t row = conv->input_w * c, output_row = conv->output_w * channels;
  const int32_t half = (conv->output_h + 3) / 4; /* rows of tiles */
  const int32_t below = conv->output_h - 2 * half;
  const int32_t most_columns = 2 * params->tiles + 2;
  struct mlbench_tuned_winograd_call call = {
      .stream = params->stream,
      .values = (double *)scratch + SUMS,
      .sums = scratch,
      .channels = channels,
      .steps = params->steps,
  };
  double *packed = call.values + params->steps * 4 * TILE * params->tiles;
  int8_t *nothing = (int8_t *)(packed + SLOTS * most_columns * c);
  int8_t *buffer = nothing + most_columns * c;
  const double padding = pair((int8_t)conv->zero_point, (int8_t)conv->zero_point);
  for (int32_t i = 0; i < most_columns * c; ++i) {
    nothing[i] = (int8_t)conv->zero_point;
  }
  for (int32_t at = 0; at < conv->positions; at += conv->output_h * conv->output_w) {
    for (int32_t x = 0; x < conv->output_w;) {
      const int32_t tiles = next_tiles(conv->output_w - x, params->tiles);
      const int32_t columns = 2 * tiles + 2;
      const int is_narrow = 2 * tiles > conv->output_w;
      x = x + 2 * tiles > conv->output_w ? conv->output_w - 2 * tiles : x;
      x = is_narrow ? 0 : x;
      /* Columns before the image, in it, and behind it. */
      const int32_t before = conv->padding_w > x ? conv->padding_w - x : 0;
      const int32_t first = x + before - conv->padding_w;
      int32_t inside = conv->input_w - first;
      inside = inside < columns - before ? inside : columns - before;
      /* Channels that fill up the last four need values, of any size: they have no weights. */
      const int32_t own = c * tiles * TILE;
      fill(call.values + own, padding, params->steps * 4 * tiles * TILE - own, 1);
      call.row = is_narrow ? 2 * tiles * channels : output_row;
      int32_t made = 0;
      for (int32_t y = 0; y < 2 * half; y += 2) {
        for (; made < y + SLOTS; ++made) {
          const int32_t ya = made - conv->padding_h, yb = ya + below;
          const int8_t *a = nothing, *b = nothing;
          if ((uint32_t)ya < (uint32_t)conv->input_h) {
            a = input + ya * row + first * c;
          }
          if ((uint32_t)yb < (uint32_t)conv->input_h) {
            b = input + yb * row + first * c;
          }
          double *to = fill(packed + made % SLOTS, padding, before * c, SLOTS);
          to = pack(to, a, b, inside * c);
          fill(to, padding, (columns - before - inside) * c, SLOTS);
        }
        mlbench_tuned_winograd_input(packed + y % SLOTS, packed + (y + 2) % SLOTS, call.values, c,
                                     tiles);
        int8_t *a = output + y * output_row + x * channels, *b = a + below * output_row;
        call.output_a = is_narrow ? buffer : a;
        call.output_b = is_narrow ? buffer + 2 * call.row : b;
        if (tiles == 4) {
          mlbench_tuned_winograd_4(&call);
        } else {
          mlbench_tuned_winograd_6(&call);
        }
        if (is_narrow) {
          mlbench_tuned_gather_rows(a, call.output_a, 2, call.row, output_row);
          mlbench_tuned_gather_rows(b, call.output_b, 2, call.row, output_row);
        }
      }
      x += 2 * tiles;
    }
    input += conv->input_h * row;
    output += conv->output_h * output_row;
  }
}
