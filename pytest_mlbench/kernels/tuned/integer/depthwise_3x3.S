/* void mlbench_tuned_depthwise_3x3(const struct mlbench_tuned_depthwise *params,
 *                                  const int8_t *input, int8_t *output, void *scratch)
 * void mlbench_tuned_depthwise_3x3_s2(the same)
 *
 * DEPTHWISE_CONV_2D, filter 3x3, depth multiplier 1, stride 1 or 2, at most one pixel of padding
 * on each side, for RV32IM and RV64IM. One channel after the other, one column of outputs after
 * the other, down the rows:
 *   acc    = start[c] + 2^scale[c] * sum_tap weight[c][tap] * input[tap]
 *   output = low + clamp(floor(acc * multiplier[c] / 2^32) >> shift[c], 0, range)
 * The weights are scaled up in their registers, so that the input's zero point, the bias, both
 * roundings of MultiplyByQuantizedMultiplier, the output's zero point and the lower bound are all
 * in `start`, exact for every accumulator that the weights can produce (requantise/staircase.py proves it,
 * else this kernel is not used). A tap that is padding counts as the input's zero point.
 *
 * Instructions per output of a full column, stride 1: every input pixel of the three columns is
 * loaded once (3 lb) and serves three outputs (accumulators done, next, after that: 9 mul, 9 add
 * with `start`), requantisation 2, clamp 1 (4 when it clamps), bound 1, store 1, pointers: 2
 * columns, row, output row 4, loop 1/3: 30.3 or 3.4 per MAC; a column at the left or right edge
 * has 6 taps: 22.3 or 2.5 per MAC (taps that are padding counted as MACs, as everywhere). Stride 2
 * loads two rows per output: 35 and 26. More channels or columns at once would share the pointers
 * but need more than the 28 free registers (9 weights, 3 accumulators, 2 temporaries, 5 constants,
 * 5 pointers and steps).
 *
 * The output may lie over the input. The first `kept` columns of a channel's outputs wait in
 * `scratch` until its last input is read: 4 instructions more for each of these. With all columns
 * kept, the output may begin where the input begins. With `kept` columns, rows as wide as the
 * input's and stride 1, it may begin `kept` pixels before it: an output of a later column lands on
 * a pixel of an earlier one, in a row that all sums have passed.
 *
 * constants per channel: int8 weight[9]; uint8 scale; uint8 shift; 0; int32 start, multiplier.
 */
#include "mlbench_tuned_depthwise_asm.h"

#if defined(__riscv)

#define AT_INPUT (14 * XBYTES)
#define AT_OUTPUT (15 * XBYTES)
#define AT_CONSTANTS (16 * XBYTES)
#define AT_CHANNELS (17 * XBYTES)
#define AT_COLUMNS (18 * XBYTES)
#define AT_COLUMN_INPUT (19 * XBYTES)
#define AT_COLUMN_OUTPUT (20 * XBYTES)
#define AT_START (21 * XBYTES)
#define AT_SCRATCH (22 * XBYTES)
#define AT_KEPT_LEFT (23 * XBYTES)
#define FRAME (24 * XBYTES)

/* A column of outputs. Stride 1 takes three rows per turn, the accumulators changing their roles,
 * and enters the first turn where it must to end with a whole one; DW_ENTRY is the number of
 * outputs modulo 3. */
.macro COLUMN stride, taps
  LOAD TMP, AT_PARAMS(sp)
  lw LEFT, DW_TURNS(TMP)
  lw TMP, DW_TOP(TMP)
  beqz TMP, .Lno_top\@
  PADDING_ROW 1, \taps, ACC0, W0, W1, W2
  j .Lsecond\@
.Lno_top\@:
  INPUT_ROW \taps, 4, ACC1, ACC2, ACC0
.Lsecond\@:
  .if \stride == 1
  INPUT_ROW \taps, 6, ACC2, ACC0, ACC1
  .endif
  beqz LEFT, .Lbottom\@
  .if \stride == 1
  LOAD TMP, AT_PARAMS(sp)
  lw TMP, DW_ENTRY(TMP)
  beqz TMP, .Lturn\@
  addi TMP, TMP, -1
  beqz TMP, .Lthird\@
  mv ACC2, ACC1
  mv ACC1, ACC0
  j .Lenter_second\@
.Lthird\@:
  mv ACC2, ACC0
  mv ACC0, ACC1
  j .Lenter_third\@
.Lturn\@:
  INPUT_ROW \taps, 7, ACC0, ACC1, ACC2
  FINISH ACC0
.Lenter_second\@:
  INPUT_ROW \taps, 7, ACC1, ACC2, ACC0
  FINISH ACC1
.Lenter_third\@:
  INPUT_ROW \taps, 7, ACC2, ACC0, ACC1
  FINISH ACC2
  .else
.Lturn\@:
  INPUT_ROW \taps, 2, ACC1, ACC0, ACC1
  INPUT_ROW \taps, 5, ACC0, ACC1, ACC1
  FINISH ACC0
  mv ACC0, ACC1
  .endif
  addi LEFT, LEFT, -1
  bnez LEFT, .Lturn\@
.Lbottom\@:
  LOAD TMP, AT_PARAMS(sp)
  lw TMP, DW_BOTTOM(TMP)
  beqz TMP, .Lend\@
  .if \stride == 2
  INPUT_ROW \taps, 2, ACC1, ACC0, ACC1
  .endif
  PADDING_ROW 0, \taps, ACC0, W6, W7, W8
  FINISH ACC0
.Lend\@:
.endm

/* A kept column ends where the next one begins. */
.macro NEXT_COLUMN stride
  LOAD TMP, AT_KEPT_LEFT(sp)
  LOAD IN, AT_COLUMN_INPUT(sp)
  addi TMP, TMP, -1
  STORE TMP, AT_KEPT_LEFT(sp)
  add IN, IN, CHANNELS
  .if \stride == 2
  add IN, IN, CHANNELS
  .endif
  bgtz TMP, .Lkept\@
  bnez TMP, .Lfree\@
  LOAD OUT, AT_OUTPUT(sp)
  LOAD TMP, AT_PARAMS(sp)
  lw XV, DW_KEPT(TMP)
  lw OUTPUT_ROW, DW_OUTPUT_ROW(TMP)
  mul XV, XV, CHANNELS
  add OUT, OUT, XV
  j .Lkept\@
.Lfree\@:
  LOAD OUT, AT_COLUMN_OUTPUT(sp)
  add OUT, OUT, CHANNELS
.Lkept\@:
  STORE IN, AT_COLUMN_INPUT(sp)
  STORE OUT, AT_COLUMN_OUTPUT(sp)
.endm

.macro DEPTHWISE name, stride
  FUNCTION \name
  addi sp, sp, -FRAME
  SAVE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  STORE a0, AT_PARAMS(sp)
  STORE a1, AT_INPUT(sp)
  STORE a2, AT_OUTPUT(sp)
  STORE a3, AT_SCRATCH(sp)
  LOAD t0, DW_CONSTANTS(a0)
  STORE t0, AT_CONSTANTS(sp)
  mv TMP, a0
  lw CHANNELS, DW_CHANNELS(TMP)
  lw ROW, DW_ROW(TMP)
  lw OUTPUT_ROW, DW_OUTPUT_ROW(TMP)
  lw RANGE, DW_RANGE(TMP)
  lw LOW, DW_LOW(TMP)
  STORE CHANNELS, AT_CHANNELS(sp)

.Lchannel\@:
  LOAD TMP, AT_CONSTANTS(sp)
  lbu SHIFT, 10(TMP)
  lw START, 12(TMP)
  lw MULTIPLIER, 16(TMP)
  STORE START, AT_START(sp)
  LOAD TMP, AT_PARAMS(sp)
  lw TMP, DW_KEPT(TMP)
  LOAD IN, AT_INPUT(sp)
  LOAD OUT, AT_OUTPUT(sp)
  STORE TMP, AT_KEPT_LEFT(sp)
  beqz TMP, .Lnone_kept\@
  LOAD OUT, AT_SCRATCH(sp)
  li OUTPUT_ROW, 1
.Lnone_kept\@:
  STORE IN, AT_COLUMN_INPUT(sp)
  STORE OUT, AT_COLUMN_OUTPUT(sp)
  jal ra, .Lweights\@
  LOAD TMP, AT_PARAMS(sp)
  lw XV, DW_LEFT(TMP)
  beqz XV, .Lfull\@
  COLUMN_PADDING W0, W3, W6
  add START, START, TMP
  mv W0, W1
  mv W1, W2
  mv W3, W4
  mv W4, W5
  mv W6, W7
  mv W7, W8
  jal ra, .Ledge\@
  LOAD START, AT_START(sp)
  jal ra, .Lweights\@
  /* The left column's taps begin one pixel later than the others' do. */
  LOAD TMP, AT_COLUMN_INPUT(sp)
  sub TMP, TMP, CHANNELS
  STORE TMP, AT_COLUMN_INPUT(sp)
  NEXT_COLUMN \stride
.Lfull\@:
  LOAD TMP, AT_PARAMS(sp)
  lw TMP, DW_COLUMNS(TMP)
  beqz TMP, .Lright\@
.Lcolumn\@:
  STORE TMP, AT_COLUMNS(sp)
  COLUMN \stride, 3
  NEXT_COLUMN \stride
  LOAD TMP, AT_COLUMNS(sp)
  addi TMP, TMP, -1
  bnez TMP, .Lcolumn\@
.Lright\@:
  LOAD TMP, AT_PARAMS(sp)
  lw XV, DW_RIGHT(TMP)
  beqz XV, .Lnext\@
  COLUMN_PADDING W2, W5, W8
  add START, START, TMP
  jal ra, .Ledge\@
.Lnext\@:
  LOAD TMP, AT_PARAMS(sp)
  lw LEFT, DW_KEPT(TMP)
  beqz LEFT, .Lwritten\@
  lw OUTPUT_ROW, DW_OUTPUT_ROW(TMP)
  lw W0, DW_ROWS(TMP)
  LOAD IN, AT_SCRATCH(sp)
  LOAD OUT, AT_OUTPUT(sp)
  jal ra, .Lwrite\@
.Lwritten\@:
  LOAD TMP, AT_CONSTANTS(sp)
  addi TMP, TMP, 20
  STORE TMP, AT_CONSTANTS(sp)
  LOAD TMP, AT_INPUT(sp)
  addi TMP, TMP, 1
  STORE TMP, AT_INPUT(sp)
  LOAD TMP, AT_OUTPUT(sp)
  addi TMP, TMP, 1
  STORE TMP, AT_OUTPUT(sp)
  LOAD TMP, AT_CHANNELS(sp)
  addi TMP, TMP, -1
  STORE TMP, AT_CHANNELS(sp)
  bnez TMP, .Lchannel\@

  RESTORE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  addi sp, sp, FRAME
  ret

.Lweights\@:
  LOAD TMP, AT_CONSTANTS(sp)
  lbu XV, 9(TMP)
  .set .Ltap, 0
  .irp weight, W0, W1, W2, W3, W4, W5, W6, W7, W8
  lb \weight, .Ltap(TMP)
  .set .Ltap, .Ltap + 1
  .endr
  .irp weight, W0, W1, W2, W3, W4, W5, W6, W7, W8
  sll \weight, \weight, XV
  .endr
  ret

.Ledge\@:
  COLUMN \stride, 2
  ret

/* The kept columns, W0 values each, to their places. */
.Lwrite\@:
  mv AT, OUT
  andi W1, W0, -4
  add W1, W1, IN
  add W2, W0, IN
  beq IN, W1, .Lwrite_rest\@
.Lwrite_four\@:
  lb W3, 0(IN)
  lb W4, 1(IN)
  lb W5, 2(IN)
  lb W6, 3(IN)
  addi IN, IN, 4
  sb W3, 0(AT)
  add AT, AT, OUTPUT_ROW
  sb W4, 0(AT)
  add AT, AT, OUTPUT_ROW
  sb W5, 0(AT)
  add AT, AT, OUTPUT_ROW
  sb W6, 0(AT)
  add AT, AT, OUTPUT_ROW
  bne IN, W1, .Lwrite_four\@
.Lwrite_rest\@:
  beq IN, W2, .Lwrite_next\@
  lb W3, 0(IN)
  addi IN, IN, 1
  sb W3, 0(AT)
  add AT, AT, OUTPUT_ROW
  j .Lwrite_rest\@
.Lwrite_next\@:
  addi LEFT, LEFT, -1
  add OUT, OUT, CHANNELS
  bnez LEFT, .Lwrite\@
  ret
  END_FUNCTION \name
.endm

  DEPTHWISE mlbench_tuned_depthwise_3x3, 1
  DEPTHWISE mlbench_tuned_depthwise_3x3_s2, 2

#endif
