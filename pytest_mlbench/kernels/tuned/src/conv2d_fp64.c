/* CONV_2D with two activations in one double: packing, and the loops around fp64_gemm.S.
 *
 * A pair is a + b * 2^23 of two stored values, made by one integer addition and one conversion;
 * 23 bits apart the largest pair still fits 32 bits. Two ways to choose the pairs:
 *
 *   patches  the first half of all positions with the second half. Every tap of every patch is
 *            packed: 6 instructions per pair of taps, 3 / channels per MAC. For pointwise layers
 *            and images of few channels.
 *   rows     output row y with row y + half. Then a packed row of the input is an ordinary row and
 *            every filter row finds its taps in it, so that each pixel is packed once, and read in
 *            place. As many packed rows are kept as the filter is high.
 */
#include "mlbench_tuned.h"

enum { GROUP = 4, CONSTANTS = 16 };

static double pair(int8_t a, int8_t b) { return (double)((int32_t)((uint32_t)b << 23) + a); }

static __attribute__((noinline)) double *pack(double *to, const int8_t *a, const int8_t *b,
                                              int32_t count) {
  for (; count >= 4; count -= 4) {
    to[0] = pair(a[0], b[0]);
    to[1] = pair(a[1], b[1]);
    to[2] = pair(a[2], b[2]);
    to[3] = pair(a[3], b[3]);
    to += 4;
    a += 4;
    b += 4;
  }
  for (; count > 0; --count) {
    *to++ = pair(*a++, *b++);
  }
  return to;
}

static double *fill(double *to, double value, int32_t count) {
  for (; count > 0; --count) {
    *to++ = value;
  }
  return to;
}

/* All channels of one row of pairs. */
static inline __attribute__((always_inline)) void multiply(const struct mlbench_tuned_fp64 *params,
                                                           struct mlbench_tuned_fp64_call *call,
                                                           int8_t *a, int8_t *b, double *expanded,
                                                           int is_expanded) {
  const double *stream = params->stream;
  const int32_t channels = params->conv->channels;
  const int32_t weights = (params->conv->k * GROUP + 7) / 8;
  for (int32_t at = 0; at < channels; at += GROUP) {
    const int32_t first = at + GROUP > channels ? channels - GROUP : at;
    call->constants = stream;
    call->weights = stream + CONSTANTS;
    call->output_a = a + first;
    call->output_b = b + first;
    if (is_expanded) {
      const int8_t *from = call->weights;
      for (int32_t i = 0; i < params->conv->k * GROUP; i += GROUP) {
        expanded[i] = from[i];
        expanded[i + 1] = from[i + 1];
        expanded[i + 2] = from[i + 2];
        expanded[i + 3] = from[i + 3];
      }
      call->weights = expanded;
      mlbench_tuned_fp64_gemm_expanded(call);
    } else {
      mlbench_tuned_fp64_gemm(call);
    }
    stream += CONSTANTS + weights;
  }
}

/* The patch of output position `at`: in the image where it lies in one piece, else in `buffer`. */
static __attribute__((noinline)) const int8_t *patch(const struct mlbench_tuned_conv2d *conv,
                                                     const int8_t *input, int32_t at,
                                                     int8_t *buffer) {
  const int32_t row = conv->input_w * conv->input_c;
  const int32_t x = at % conv->output_w * conv->stride_w - conv->padding_w;
  at /= conv->output_w;
  const int32_t y = at % conv->output_h * conv->stride_h - conv->padding_h;
  input += at / conv->output_h * conv->input_h * row;
  if ((uint32_t)x >= conv->inside_w || (uint32_t)y >= conv->inside_h) {
    mlbench_tuned_gather(conv, input, y, x, buffer);
    return buffer;
  }
  input += y * row + x * conv->input_c;
  if (conv->filter_h == 1) {
    return input;
  }
  mlbench_tuned_gather_rows(buffer, input, conv->filter_h, conv->row,
                            conv->filter_w * conv->input_c);
  return buffer;
}

static inline __attribute__((always_inline)) void patches(const struct mlbench_tuned_fp64 *params,
                                                          const int8_t *input, int8_t *output,
                                                          void *scratch, int is_expanded) {
  const struct mlbench_tuned_conv2d *conv = params->conv;
  const int32_t k = conv->k;
  double *packed = scratch;
  double *expanded = packed + (params->chunk + 1) * k;
  int8_t *buffer_a = (int8_t *)(expanded + (is_expanded ? GROUP * k : 0));
  int8_t *buffer_b = buffer_a + (k + 3) / 4 * 4;
  const double *rows[1] = {packed};
  struct mlbench_tuned_fp64_call call = {
      .rows = rows,
      .runs = 1,
      .run = k * (int32_t)sizeof(double),
      .pitch = k * (int32_t)sizeof(double),
      .output_pitch = conv->channels,
  };
  for (int32_t first = 0; first < conv->positions; first += 2 * params->chunk) {
    const int32_t left = conv->positions - first;
    const int32_t count = left < 2 * params->chunk ? left : 2 * params->chunk;
    call.pairs = (count + 1) / 2;
    call.pairs_b = count - call.pairs;
    double *to = packed;
    for (int32_t i = 0; i < call.pairs; ++i) {
      const int8_t *a = patch(conv, input, first + i, buffer_a);
      const int8_t *b = a;
      if (i < call.pairs_b) {
        b = patch(conv, input, first + call.pairs + i, buffer_b);
      }
      to = pack(to, a, b, k);
    }
    multiply(params, &call, output + first * conv->channels,
             output + (first + call.pairs) * conv->channels, expanded, is_expanded);
  }
}

void mlbench_tuned_conv2d_fp64_patches(const struct mlbench_tuned_fp64 *params, const int8_t *input,
                                       int8_t *output, void *scratch) {
  patches(params, input, output, scratch, 0);
}

void mlbench_tuned_conv2d_fp64_expanded(const struct mlbench_tuned_fp64 *params,
                                        const int8_t *input, int8_t *output, void *scratch) {
  patches(params, input, output, scratch, 1);
}

enum { MOST_ROWS = 16 };

void mlbench_tuned_conv2d_fp64_rows(const struct mlbench_tuned_fp64 *params, const int8_t *input,
                                    int8_t *output, void *scratch) {
  const struct mlbench_tuned_conv2d *conv = params->conv;
  const int32_t c = conv->input_c;
  const int32_t row = conv->input_w * c;
  const int32_t half = (conv->output_h + 1) / 2;
  /* Pixels of a packed row; one more position may be computed, but is not stored. */
  const int32_t reach = (conv->output_w - 1) * conv->stride_w + conv->filter_w;
  const int32_t slot = (reach + conv->stride_w) * c;
  const int32_t left = conv->padding_w * c;
  int32_t inside = reach * c - left;
  inside = inside > row ? row : inside;
  double *packed = scratch;
  int8_t *nothing = (int8_t *)(packed + conv->filter_h * slot);
  const double *rows[MOST_ROWS];
  struct mlbench_tuned_fp64_call call = {
      .rows = rows,
      .runs = conv->filter_h,
      .run = conv->filter_w * c * (int32_t)sizeof(double),
      .pitch = conv->stride_w * c * (int32_t)sizeof(double),
      .output_pitch = conv->channels,
      .pairs = conv->output_w,
  };
  const double padding = pair((int8_t)conv->zero_point, (int8_t)conv->zero_point);
  const int32_t output_row = conv->output_w * conv->channels;
  const int32_t images = conv->positions / (conv->output_w * conv->output_h);
  for (int32_t i = 0; i < row; ++i) {
    nothing[i] = (int8_t)conv->zero_point;
  }
  for (int32_t n = 0; n < images; ++n) {
    int32_t made = 0;
    for (int32_t y = 0; y < half; ++y) {
      const int32_t first = y * conv->stride_h;
      for (made = made < first ? first : made; made < first + conv->filter_h; ++made) {
        const int32_t ya = made - conv->padding_h;
        const int32_t yb = ya + half * conv->stride_h;
        const int8_t *a = (uint32_t)ya < (uint32_t)conv->input_h ? input + ya * row : nothing;
        const int8_t *b = (uint32_t)yb < (uint32_t)conv->input_h ? input + yb * row : nothing;
        double *to = fill(packed + made % conv->filter_h * slot, padding, left);
        to = pack(to, a, b, inside);
        fill(to, padding, reach * c - left - inside);
      }
      for (int32_t ky = 0; ky < conv->filter_h; ++ky) {
        rows[ky] = packed + (first + ky) % conv->filter_h * slot;
      }
      call.pairs_b = y + half < conv->output_h ? conv->output_w : 0;
      multiply(params, &call, output + y * output_row, output + (y + half) * output_row, 0, 0);
    }
    input += conv->input_h * row;
    output += conv->output_h * output_row;
  }
}
