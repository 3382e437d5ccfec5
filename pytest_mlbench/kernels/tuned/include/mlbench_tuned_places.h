/* What conv2d_rv64.c and conv2d_triples.c share: going over the positions of the output. */
#ifndef MLBENCH_TUNED_PLACES_H
#define MLBENCH_TUNED_PLACES_H

#include "mlbench_tuned.h"

/* A position of the output, as its patch's first tap. */
struct place {
  const int8_t *image;
  int32_t ox, oy, x, y;
};

static void advance(const struct mlbench_tuned_conv2d *p, struct place *at) {
  at->x += p->stride_w;
  if (++at->ox == p->output_w) {
    at->ox = 0;
    at->x = -p->padding_w;
    at->y += p->stride_h;
    if (++at->oy == p->output_h) {
      at->oy = 0;
      at->y = -p->padding_h;
      at->image += p->input_h * p->input_w * p->input_c;
    }
  }
}

static int inside(const struct mlbench_tuned_conv2d *p, const struct place *at) {
  return (uint32_t)at->x < p->inside_w && (uint32_t)at->y < p->inside_h;
}

/* Where the patch is: in the image, or gathered. */
static const int8_t *patch(const struct mlbench_tuned_conv2d *p, const struct place *at,
                           int8_t *buffer) {
  if (inside(p, at)) {
    return at->image + (at->y * p->input_w + at->x) * p->input_c;
  }
  mlbench_tuned_gather(p, at->image, at->y, at->x, buffer);
  return buffer;
}

#endif
