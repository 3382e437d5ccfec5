/* void mlbench_tuned_depthwise_pairs_w1 to _w5(const struct mlbench_tuned_depthwise_pairs_call *call)
 * void mlbench_tuned_depthwise_pairs_s2_w1 to _s2_w5(the same)
 *
 * One to five columns of outputs of DEPTHWISE_CONV_2D, filter 3x3, stride 1 or 2, all channels one
 * after the other, for RV32 and RV64 with D. Two output rows are computed at once, in the halves of
 * one double, as in gemm_pairs.S: x = a + b * 2^23, where b lies as many rows below a in the image.
 *   sum    = bias * (1 + 2^23) + sum_tap weight[tap] * x[tap] = A + B * 2^23
 *   output = floor((A * m + c + copysign(d, A)) saturated to 32 bits, / 2^24), B likewise
 * dext/depthwise.py proves that every step is exact, else this kernel is not used. The bias has
 * the contribution of the input's zero point. Taps of a column outside of the image are skipped,
 * and a separate bias adds the zero point's contribution for them (`left`, `right`:
 * zero point * (1 + 2^23), or 0). Rows outside of the image are passed as rows of zero points.
 *
 * Down the rows, each pixel pair is made once, without memory: lb, lb, slli, add, fcvt. It serves up
 * to nine outputs, of the row that ends with it (`done`), of the next (`middle`) and of the one that
 * begins with it (`fresh`, whose first multiply-add takes the bias). Instructions per row of a strip
 * of five columns that is as wide as the image, 90 MACs (taps that are padding counted, as
 * everywhere): 25 for pixels, 39 fmadd, 1 for the bias of the right edge (2 with d), 55 for
 * requantisation (per pair: split 3, fmadd 2, fcvt 2, srai 2, sb 2; 4 more with d), 6.3 for pointers
 * and branches: 126 or 1.40 per MAC. A strip between edges makes 7 pixels per row: 1.7 per MAC; one
 * of stride 2 makes 20 or 22: 2.4. Where the assembler does not know the channels, 2 more per pixel
 * pair and per output pair. The first two rows and the last two do up to 39 fmadd that nobody needs,
 * for less code. Six columns do not fit: the 32 FP registers are 15 sums, 9 weights, bias, 5
 * constants and 2 for scratch.
 *
 * stream per channel: int8 weight[9], 3 unused; int32 bias; double m, c. away: double d, per
 * channel, or one for all of them (`away_step` 0).
 */
#include "mlbench_tuned_pairs_depthwise.h"

#if defined(__riscv)

.macro POINTER register, at
  LOAD \register, \at(CALL)
  add \register, \register, CHANNEL
.endm

/* A row before the loop, completely unrolled. */
.macro ROW_ALONE stride, n, want, done, middle, fresh
  PIXELS \stride, \n, \want, \done, \middle, \fresh
  beqz OPEN, .Lclosed\@
  EDGES \stride, \n, \want, \done, \middle, \fresh
.Lclosed\@:
.endm

/* One turn of the loop: the rows up to the one that ends a row of outputs. */
.macro TURN stride, n, done, middle, fresh
  .if \stride == 2
  PIXELS 2, \n, 2, 0, \done, 0
  bnez OPEN, .Lodd_open_\stride\()_\n\()_\fresh
.Lodd_closed_\stride\()_\n\()_\fresh:
  NEXT_ROW
  .endif
  beq A, STOP, .Lstop_\stride\()_\n\()_\fresh
.Lgo_on_\stride\()_\n\()_\fresh:
  PIXELS \stride, \n, %(9 - 2 * \stride), \done, \middle, \fresh
  bnez OPEN, .Lopen_\stride\()_\n\()_\fresh
.Lclosed_\stride\()_\n\()_\fresh:
  FINISH_ROW \n, \done
  .if \stride == 2
  bnez LAST, .Lnext_\stride\()_\n
  .endif
  NEXT_ROW
.endm

/* What a turn jumps to. */
.macro ASIDE stride, n, done, middle, fresh
.Lstop_\stride\()_\n\()_\fresh:
  jal t0, .Llast_\stride\()_\n
  j .Lgo_on_\stride\()_\n\()_\fresh
.Lopen_\stride\()_\n\()_\fresh:
  EDGES \stride, \n, %(9 - 2 * \stride), \done, \middle, \fresh
  j .Lclosed_\stride\()_\n\()_\fresh
  .if \stride == 2
.Lodd_open_\stride\()_\n\()_\fresh:
  EDGES 2, \n, 2, 0, \done, 0
  j .Lodd_closed_\stride\()_\n\()_\fresh
  .endif
.endm

.macro WEIGHTS
  .set i, 0
  .rept 9
  WEIGHT_OF %i, %(WEIGHT + i)
  .set i, i + 1
  .endr
.endm

.macro WEIGHT_OF at, to
  lb X0, \at(STREAM)
  fcvt.d.w f\to, X0
.endm

/* f<to> = the bias of a column whose taps kx are outside if `side` is not 0. */
.macro EDGE_BIAS to, side, kx
  EDGE_SUM %(WEIGHT + \kx), %(WEIGHT + 3 + \kx), %(WEIGHT + 6 + \kx)
  fld f31, \side(CALL)
  fmadd.d f\to, f31, f30, f24
.endm

.macro EDGE_SUM w0, w1, w2
  fadd.d f30, f\w0, f\w1
  fadd.d f30, f30, f\w2
.endm

.macro DEPTHWISE name, stride, n
  FUNCTION \name
  addi sp, sp, -FRAME
  SAVE_FP 0, 0
  SAVE s0, %(SLOT + 0)
  SAVE s1, %(SLOT + 1)
  SAVE s2, %(SLOT + 2)
  SAVE s3, %(SLOT + 3)
  SAVE s4, %(SLOT + 4)
  lla CONSTANTS, .Ldepthwise_constants
  fld f28, 0(CONSTANTS)
  lw ROW, DD_ROW(CALL)
  lw OUT_ROW, DD_OUTPUT_ROW(CALL)
  lw CHANNELS, DD_CHANNELS(CALL)
  lw OPEN, DD_OPEN(CALL)
  LOAD STREAM, DD_STREAM(CALL)
#ifdef MLBENCH_TUNED_PAIRS_SIGNED
  LOAD AWAY, DD_AWAY(CALL)
  lw AWAY_STEP, DD_AWAY_STEP(CALL)
#endif
  li CHANNEL, 0
.Lchannel\@:
  WEIGHTS
  lw X0, 12(STREAM)
  fld f30, 8(CONSTANTS)
  fcvt.d.w f24, X0
  fmul.d f24, f24, f30
  fld f25, 16(STREAM)
  fld f30, 16(CONSTANTS)
  fmul.d f26, f25, f30
  fld f27, 24(STREAM)
  addi STREAM, STREAM, 32
#ifdef MLBENCH_TUNED_PAIRS_SIGNED
  fld f29, 0(AWAY)
  add AWAY, AWAY, AWAY_STEP
#endif
  .if \n == 1
  EDGE_BIAS 24, DD_LEFT, 0
  EDGE_BIAS 24, DD_RIGHT, 2
  KEEP_LEFT 24
  .else
  EDGE_BIAS 31, DD_LEFT, 0
  KEEP_LEFT 31
  EDGE_BIAS 31, DD_RIGHT, 2
  fsd f31, BIAS_RIGHT(sp)
  .endif
  li LAST, 0
  POINTER A, DD_FIRST_A
  POINTER B, DD_FIRST_B
  POINTER STOP, DD_STOP
  POINTER OUT_A, DD_OUTPUT_A
  POINTER OUT_B, DD_OUTPUT_B
  ROW_ALONE \stride, \n, 4, 0, 0, 0
  POINTER A, DD_SECOND_A
  POINTER B, DD_SECOND_B
  .if \stride == 1
  ROW_ALONE 1, \n, 6, 0, 0, 1
  NEXT_ROW
.Lturn_\stride\()_\n:
  TURN 1, \n, 0, 1, 2
  TURN 1, \n, 1, 2, 0
  TURN 1, \n, 2, 0, 1
  j .Lturn_\stride\()_\n
  ASIDE 1, \n, 0, 1, 2
  ASIDE 1, \n, 1, 2, 0
  ASIDE 1, \n, 2, 0, 1
  .else
.Lturn_\stride\()_\n:
  TURN 2, \n, 0, 0, 1
  TURN 2, \n, 1, 0, 0
  j .Lturn_\stride\()_\n
  ASIDE 2, \n, 0, 0, 1
  ASIDE 2, \n, 1, 0, 0
  .endif
/* The last row, which may be outside of the image; after it, the next channel. */
.Llast_\stride\()_\n:
  bnez LAST, .Lnext_\stride\()_\n
  li LAST, 1
  POINTER A, DD_LAST_A
  POINTER B, DD_LAST_B
  add STOP, A, ROW
  jr t0
.Lnext_\stride\()_\n:
  addi CHANNEL, CHANNEL, 1
  bne CHANNEL, CHANNELS, .Lchannel\@
  RESTORE_FP 0, 0
  RESTORE s0, %(SLOT + 0)
  RESTORE s1, %(SLOT + 1)
  RESTORE s2, %(SLOT + 2)
  RESTORE s3, %(SLOT + 3)
  RESTORE s4, %(SLOT + 4)
  addi sp, sp, FRAME
  ret
  END_FUNCTION \name
.endm

  .section .rodata.mlbench_tuned_depthwise_pairs, "a", @progbits
  .balign 8
.Ldepthwise_constants:
  .8byte 0x44a8000000000000 /* 1.5 * 2^75 */
  .8byte 0x4160000020000000 /* 1 + 2^23 */
  .8byte 0x3e80000000000000 /* 2^-23 */

  DEPTHWISE mlbench_tuned_depthwise_pairs_w1, 1, 1
  DEPTHWISE mlbench_tuned_depthwise_pairs_w2, 1, 2
  DEPTHWISE mlbench_tuned_depthwise_pairs_w3, 1, 3
  DEPTHWISE mlbench_tuned_depthwise_pairs_w4, 1, 4
  DEPTHWISE mlbench_tuned_depthwise_pairs_w5, 1, 5
  DEPTHWISE mlbench_tuned_depthwise_pairs_s2_w1, 2, 1
  DEPTHWISE mlbench_tuned_depthwise_pairs_s2_w2, 2, 2
  DEPTHWISE mlbench_tuned_depthwise_pairs_s2_w3, 2, 3
  DEPTHWISE mlbench_tuned_depthwise_pairs_s2_w4, 2, 4
  DEPTHWISE mlbench_tuned_depthwise_pairs_s2_w5, 2, 5

#endif
