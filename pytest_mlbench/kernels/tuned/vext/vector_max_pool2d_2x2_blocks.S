/* void mlbench_tuned_vector_max_pool2d_2x2_blocks_1(const struct mlbench_tuned_pool2d *params,
 *                                                   const int8_t *input, int8_t *output,
 *                                                   int32_t block)
 * ..._2, ..._4: the same with so many blocks per branch
 *
 * MAX_POOL_2D of windows of two rows and two columns inside the image, two columns apart, for V 1.0.
 * A block is `block` outputs one after the other, at most 128: whole windows of all channels. Their
 * inputs are at most 256 bytes in each of two rows, so offsets of 8 bits reach them: indexed loads
 * bring the left and the right pixels of a row from one address.
 *
 * Instructions per block: 4 loads, 3 maxima, 1 store and 3 pointers, and a branch per 1, 2 or 4
 * blocks: 11.25 / 128 = 0.088 per output at least, and 5 per row. A row of outputs is a multiple of so
 * many blocks; or it is two blocks, and `_4` takes two rows, of an even number, at a time. If a row is
 * no longer than what is taken at a time, the last pointers' steps lead to the next row, and the whole
 * image counts as one row.
 */
#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define PARAMS a0
#define FROM a1
#define TO a2
#define BLOCK a3
#define END_STEP a4 /* from the last block taken at a time to the next one */
#define BELOW a5
#define TO_END a6
#define LAST a7
#define CHANNELS t0
#define ROW t1
#define IMAGE t2 /* outputs of an image */
#define ALONG t3 /* outputs of a row */
#define GAP t4   /* from the end of a row's windows to the next row's */
#define STEP t5  /* from the second of four blocks to the third */
#define TWICE t6
#define T a6
#define IMAGES t0
#define LEFT v16
#define RIGHT v24

/* The outputs of a block; then the pointers go on, those of the inputs by `by`. */
.macro MAXIMA by
  vluxei8.v v0, (FROM), LEFT
  vluxei8.v v8, (FROM), RIGHT
  add FROM, FROM, \by
  vmax.vv v0, v0, v8
  vluxei8.v v8, (BELOW), LEFT
  vmax.vv v0, v0, v8
  vluxei8.v v8, (BELOW), RIGHT
  add BELOW, BELOW, \by
  vmax.vv v0, v0, v8
  vse8.v v0, (TO)
  add TO, TO, BLOCK
.endm

.macro MAX_POOL blocks
  FUNCTION mlbench_tuned_vector_max_pool2d_2x2_blocks_\blocks
  lw CHANNELS, PL_CHANNELS(PARAMS)
  lw ROW, PL_INPUT_W(PARAMS)
  lw ALONG, PL_OUTPUT_W(PARAMS)
  lw GAP, PL_STRIDE_H(PARAMS)
  lw IMAGE, PL_OUTPUT_H(PARAMS)
  vsetvli zero, BLOCK, e8, m8, ta, ma
  vid.v v0
  vdivu.vx v8, v0, CHANNELS
  vmul.vx v8, v8, CHANNELS
  vadd.vv LEFT, v0, v8
  vadd.vx RIGHT, LEFT, CHANNELS
  mul ROW, ROW, CHANNELS
  mul ALONG, ALONG, CHANNELS
  lw IMAGES, PL_BATCHES(PARAMS)
  mul GAP, GAP, ROW
  mul IMAGE, IMAGE, ALONG
  slli T, ALONG, 1
  sub GAP, GAP, T
  slli TWICE, BLOCK, 1
  add BELOW, FROM, ROW
  add END_STEP, TWICE, GAP
  .if \blocks == 1
  beq ALONG, BLOCK, .Ltogether\@
  .else
  .if \blocks == 4
  mv STEP, END_STEP
  .endif
  beq ALONG, TWICE, .Ltogether\@
  .endif
  .if \blocks == 4
  mv STEP, TWICE
  slli T, TWICE, 1
  beq ALONG, T, .Ltogether\@
  .endif
  mv END_STEP, TWICE
  j .Limage\@
.Ltogether\@:
  mv ALONG, IMAGE
  li GAP, 0
.Limage\@:
  add LAST, TO, IMAGE
.Lrow\@:
  add TO_END, TO, ALONG
.Lblock\@:
  .if \blocks > 1
  MAXIMA TWICE
  .endif
  .if \blocks == 4
  MAXIMA STEP
  MAXIMA TWICE
  .endif
  MAXIMA END_STEP
  bne TO, TO_END, .Lblock\@
  beq TO, LAST, .Llast\@
  add FROM, FROM, GAP
  add BELOW, BELOW, GAP
  j .Lrow\@
.Llast\@:
  addi IMAGES, IMAGES, -1
  bnez IMAGES, .Lnext\@
  ret
.Lnext\@: /* rows below the last windows are left out */
  lw T, PL_OUTPUT_H(PARAMS)
  lw LAST, PL_STRIDE_H(PARAMS)
  mul T, T, LAST
  lw LAST, PL_INPUT_H(PARAMS)
  sub T, LAST, T
  mul T, T, ROW
  add T, T, GAP
  add FROM, FROM, T
  add BELOW, BELOW, T
  j .Limage\@
  END_FUNCTION mlbench_tuned_vector_max_pool2d_2x2_blocks_\blocks
.endm

  MAX_POOL 1
  MAX_POOL 2
  MAX_POOL 4

#endif
