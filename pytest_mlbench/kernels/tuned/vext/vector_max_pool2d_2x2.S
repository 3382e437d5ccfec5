/* void mlbench_tuned_vector_max_pool2d_2x2_row_8(const struct mlbench_tuned_pool2d *params,
 *                                                const int8_t *input, int8_t *output)
 * ..._16, ..._32, ..._64: the same for so many channels at once
 *
 * MAX_POOL_2D of windows of two rows and two columns inside the image, for V 1.0, where a row of
 * outputs fits one vector and channels are a multiple of 8 (16, 32, 64). Lanes are all windows of a
 * row and 8 channels; a strided segment load takes 2, 4 or 8 times as many channels of half, a quarter
 * or an eighth of the windows. So many channels at once fill eight registers where rows are short or
 * vectors long.
 *
 * Instructions per eight registers of outputs (128 at VLEN 128, half of it per output at twice
 * VLEN): 4 loads, 3 maxima, 1 store, two changes between elements of 64 bits and bytes, 5 pointers
 * and the branch: 16 or 0.125 per output; and 8 per row, or 1 where one block is all channels.
 * vector_max_pool2d_2x2_blocks.S takes fewer at VLEN 128.
 */
#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define PARAMS a0
#define INPUT a1
#define TO a2
#define FROM a3
#define FROM_01 a4
#define FROM_10 a5
#define FROM_11 a6
#define TO_END a7
#define CHANNELS t0
#define WINDOWS t1
#define STEP t2
#define DOWN t3 /* from the end of a window, or its begin if there is one block, to the one below */
#define ROW t4
#define ROWS t5
#define ALONG t6 /* the same from a row's first output to the next row */
#define BYTES s0
#define IMAGES s1
#define T s2

.macro LOAD_BLOCKS channels, value, from
  .if \channels == 8
  vlse64.v \value, (\from), STEP
  .elseif \channels == 16
  vlsseg2e64.v \value, (\from), STEP
  .elseif \channels == 32
  vlsseg4e64.v \value, (\from), STEP
  .else
  vlsseg8e64.v \value, (\from), STEP
  .endif
.endm

.macro STORE_BLOCKS channels, value
  .if \channels == 8
  vsse64.v \value, (TO), CHANNELS
  .elseif \channels == 16
  vssseg2e64.v \value, (TO), CHANNELS
  .elseif \channels == 32
  vssseg4e64.v \value, (TO), CHANNELS
  .else
  vssseg8e64.v \value, (TO), CHANNELS
  .endif
.endm

/* All windows of a row, of some channels; then the pointers go on by `by`. */
.macro MAXIMA channels, lmul, i, by
  LOAD_BLOCKS \channels, v8, FROM
  LOAD_BLOCKS \channels, v16, FROM_01
  LOAD_BLOCKS \channels, v24, FROM_10
  LOAD_BLOCKS \channels, v0, FROM_11
  add\i FROM, FROM, \by
  add\i FROM_01, FROM_01, \by
  add\i FROM_10, FROM_10, \by
  add\i FROM_11, FROM_11, \by
  /* Of several channels' registers not all lanes may be windows: the others hold anything. */
  .if \channels == 8
  vsetvli zero, BYTES, e8, m8, ta, ma
  .else
  vsetvli BYTES, zero, e8, m8, ta, ma
  .endif
  vmax.vv v8, v8, v16
  vmax.vv v24, v24, v0
  vmax.vv v8, v8, v24
  vsetvli zero, WINDOWS, e64, \lmul, ta, ma
  STORE_BLOCKS \channels, v8
.endm

.macro MAX_POOL name, channels, lmul
  FUNCTION \name
  addi sp, sp, -4 * XBYTES
  SAVE_REGISTERS s0, s1, s2
  lw IMAGES, PL_BATCHES(PARAMS)
  lw CHANNELS, PL_CHANNELS(PARAMS)
  lw WINDOWS, PL_OUTPUT_W(PARAMS)
  lw ROW, PL_INPUT_W(PARAMS)
  lw STEP, PL_STRIDE_W(PARAMS)
  lw DOWN, PL_STRIDE_H(PARAMS)
  mul ROW, ROW, CHANNELS
  mul STEP, STEP, CHANNELS
  mul DOWN, DOWN, ROW
  mul ALONG, WINDOWS, CHANNELS
  li T, \channels
  beq T, CHANNELS, .Lone\@
  sub DOWN, DOWN, CHANNELS
  sub ALONG, ALONG, CHANNELS
.Lone\@:
  slli BYTES, WINDOWS, 3
.Limage\@:
  lw ROWS, PL_OUTPUT_H(PARAMS)
  mv FROM, INPUT
  add FROM_01, INPUT, CHANNELS
  add FROM_10, INPUT, ROW
  add FROM_11, FROM_01, ROW
  vsetvli zero, WINDOWS, e64, \lmul, ta, ma
  beq T, CHANNELS, .Lsingle\@
.Lrow\@:
  add TO_END, TO, CHANNELS
.Lblock\@:
  MAXIMA \channels, \lmul, i, \channels
  addi TO, TO, \channels
  bne TO, TO_END, .Lblock\@
  add FROM, FROM, DOWN
  add FROM_01, FROM_01, DOWN
  add FROM_10, FROM_10, DOWN
  add FROM_11, FROM_11, DOWN
  add TO, TO, ALONG
  addi ROWS, ROWS, -1
  bnez ROWS, .Lrow\@
.Lnext\@:
  lw FROM, PL_INPUT_H(PARAMS)
  mul FROM, FROM, ROW
  add INPUT, INPUT, FROM
  addi IMAGES, IMAGES, -1
  bnez IMAGES, .Limage\@
  RESTORE_REGISTERS s0, s1, s2
  addi sp, sp, 4 * XBYTES
  ret
.Lsingle\@:
  MAXIMA \channels, \lmul, , DOWN
  add TO, TO, ALONG
  addi ROWS, ROWS, -1
  bnez ROWS, .Lsingle\@
  j .Lnext\@
  END_FUNCTION \name
.endm

  MAX_POOL mlbench_tuned_vector_max_pool2d_2x2_row_8, 8, m8
  MAX_POOL mlbench_tuned_vector_max_pool2d_2x2_row_16, 16, m4
  MAX_POOL mlbench_tuned_vector_max_pool2d_2x2_row_32, 32, m2
  MAX_POOL mlbench_tuned_vector_max_pool2d_2x2_row_64, 64, m1

#endif
