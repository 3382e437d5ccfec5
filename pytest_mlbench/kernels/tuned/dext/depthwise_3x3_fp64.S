/* void mlbench_tuned_depthwise_fp64_w1 to _w5(const struct mlbench_tuned_depthwise_fp64_call *call)
 * void mlbench_tuned_depthwise_fp64_s2_w1 to _s2_w5(the same)
 *
 * One to five columns of outputs of DEPTHWISE_CONV_2D, filter 3x3, stride 1 or 2, all channels one
 * after the other, for RV32 and RV64 with D. Two output rows are computed at once, in the halves of
 * one double, as in fp64_gemm.S: x = a + b * 2^23, where b lies as many rows below a in the image.
 *   sum    = bias * (1 + 2^23) + sum_tap weight[tap] * x[tap] = A + B * 2^23
 *   output = floor((A * m + c + copysign(d, A)) saturated to 32 bits, / 2^24), B likewise
 * dext/depthwise.py proves that all of it is exact, else this kernel is not used. The bias holds
 * what the input's zero point adds. Where a column lies outside of the image its taps are skipped,
 * and what the zero point would have added for them goes into a bias of its own (`left`, `right`:
 * zero point * (1 + 2^23), or 0). Rows outside of the image are given as rows of zero points.
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
#include "mlbench_tuned_fp64_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define CALL a0
#define A a1
#define B a2
#define OUT_A a3
#define OUT_B a4
#define ROW a5
#define OUT_ROW a6
#define STREAM a7
#define X0 s0
#define X1 s1
#define STOP t2
#define OPEN t3
#define CHANNEL t4
#define LAST t5
#define AWAY t6
#define CONSTANTS s2
#define CHANNELS s3
#define AWAY_STEP s4
/* Where the assembler does not know the channels. */
#define NEXT_A t0
#define NEXT_B t1

#define BIAS_LEFT (12 * 8)
#define BIAS_RIGHT (13 * 8)
#define SLOT (14 * 8 / XBYTES) /* of the integer registers */
#define FRAME (20 * 8)

/* The farthest pixel of a strip: 9 columns. */
#ifdef MLBENCH_TUNED_CHANNELS
#if MLBENCH_TUNED_CHANNELS * 9 <= 2047
#define STEP MLBENCH_TUNED_CHANNELS
#endif
#endif

/* FP registers: 0 to 14 sums, 15 to 23 weights, 24 bias, 25 m, 26 m * 2^-23, 27 c, 28 what splits a
 * sum, 29 d or the bias of the left edge, 30 and 31 scratch. */
#define WEIGHT 15
#define BIAS 24

.altmacro

.macro COLUMNS
#ifndef STEP
  mv NEXT_A, A
  mv NEXT_B, B
#endif
.endm

/* f30 = the pixel pair of column j. */
.macro PIXEL j
#ifdef STEP
  lb X0, STEP * \j(A)
  lb X1, STEP * \j(B)
#else
  lb X0, 0(NEXT_A)
  lb X1, 0(NEXT_B)
  add NEXT_A, NEXT_A, CHANNELS
  add NEXT_B, NEXT_B, CHANNELS
#endif
  slli X1, X1, 23
  add X0, X0, X1
  fcvt.d.w f30, X0
.endm

.macro FMADD acc, w
  fmadd.d f\acc, f30, f\w, f\acc
.endm

.macro FMADD_FROM acc, w, start
  fmadd.d f\acc, f30, f\w, f\start
.endm

.macro FROM_EDGE acc, w, at
  fld f\acc, \at(sp)
  FMADD \acc, \w
.endm

/* Without d its register holds the bias of the leftmost column. */
.macro FROM_LEFT acc, w
#ifdef MLBENCH_TUNED_FP64_SIGNED
  FROM_EDGE \acc, \w, BIAS_LEFT
#else
  FMADD_FROM \acc, \w, 29
#endif
.endm

.macro KEEP_LEFT from
#ifdef MLBENCH_TUNED_FP64_SIGNED
  fsd f\from, BIAS_LEFT(sp)
#else
  fmv.d f29, f\from
#endif
.endm

/* The pixel of column j, if it is tap kx of output o, for the sums of the rows in `want` (1 done,
 * 2 middle, 4 fresh). `first`: no tap of the fresh row came before. */
.macro TAP n, o, kx, first, want, done, middle, fresh
  .if (\o) >= 0 && (\o) < \n
  .if (\want) & 1
  FMADD %(\done * \n + \o), %(WEIGHT + 6 + \kx)
  .endif
  .if (\want) & 2
  FMADD %(\middle * \n + \o), %(WEIGHT + 3 + \kx)
  .endif
  .if (\want) & 4
  .if \first
  .if \o == 0
  FROM_LEFT %(\fresh * \n + \o), %(WEIGHT + \kx)
  .elseif \o == \n - 1
  FROM_EDGE %(\fresh * \n + \o), %(WEIGHT + \kx), BIAS_RIGHT
  .else
  FMADD_FROM %(\fresh * \n + \o), %(WEIGHT + \kx), BIAS
  .endif
  .else
  FMADD %(\fresh * \n + \o), %(WEIGHT + \kx)
  .endif
  .endif
  .endif
.endm

/* The pixels between the edges of one row. */
.macro PIXELS stride, n, want, done, middle, fresh
  COLUMNS
  .set j, 0
  .rept (\n - 1) * \stride + 1
  PIXEL %j
  .if \stride == 1
  TAP \n, %(j - 1), 2, 0, \want, \done, \middle, \fresh
  TAP \n, %j, 1, %(j == 0), \want, \done, \middle, \fresh
  TAP \n, %(j + 1), 0, 1, \want, \done, \middle, \fresh
  .elseif j % 2
  TAP \n, %(j / 2), 2, 0, \want, \done, \middle, \fresh
  TAP \n, %(j / 2 + 1), 0, 1, \want, \done, \middle, \fresh
  .else
  TAP \n, %(j / 2), 1, %(j == 0), \want, \done, \middle, \fresh
  .endif
  .set j, j + 1
  .endr
.endm

/* The pixels left and right of the strip, where the image has them. */
.macro EDGES stride, n, want, done, middle, fresh
  andi X0, OPEN, 2
  beqz X0, .Lno_right\@
  PIXEL %((\n - 1) * \stride + 1)
  TAP \n, %(\n - 1), 2, 0, \want, \done, \middle, \fresh
.Lno_right\@:
  andi X0, OPEN, 1
  beqz X0, .Lno_left\@
#ifndef STEP
  sub NEXT_A, A, CHANNELS
  sub NEXT_B, B, CHANNELS
#endif
  PIXEL -1
  TAP \n, 0, 0, 0, \want, \done, \middle, \fresh
.Lno_left\@:
.endm

.macro FINISH_ROW n, done
#ifndef STEP
  mv NEXT_A, OUT_A
  mv NEXT_B, OUT_B
#endif
  .set j, 0
  .rept \n
  FINISH %(\done * \n + j), %j
  .set j, j + 1
  .endr
  add OUT_A, OUT_A, OUT_ROW
  add OUT_B, OUT_B, OUT_ROW
.endm

.macro FINISH acc, j
  REQUANTISE \acc, 31, 28, 25, 26, 27, 29, 30, X0, X1
#ifdef STEP
  sb X0, STEP * \j(OUT_A)
  sb X1, STEP * \j(OUT_B)
#else
  sb X0, 0(NEXT_A)
  sb X1, 0(NEXT_B)
  add NEXT_A, NEXT_A, CHANNELS
  add NEXT_B, NEXT_B, CHANNELS
#endif
.endm

.macro NEXT_ROW
  add A, A, ROW
  add B, B, ROW
.endm

.macro POINTER register, at
  LOAD \register, \at(CALL)
  add \register, \register, CHANNEL
.endm

/* A row above the loop: all of it in line. */
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
  .set i, 0
  .rept 12
  SAVE_FP %i
  .set i, i + 1
  .endr
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
#ifdef MLBENCH_TUNED_FP64_SIGNED
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
#ifdef MLBENCH_TUNED_FP64_SIGNED
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
  .set i, 0
  .rept 12
  RESTORE_FP %i
  .set i, i + 1
  .endr
  RESTORE s0, %(SLOT + 0)
  RESTORE s1, %(SLOT + 1)
  RESTORE s2, %(SLOT + 2)
  RESTORE s3, %(SLOT + 3)
  RESTORE s4, %(SLOT + 4)
  addi sp, sp, FRAME
  ret
  END_FUNCTION \name
.endm

  .section .rodata.mlbench_tuned_depthwise_fp64, "a", @progbits
  .balign 8
.Ldepthwise_constants:
  .8byte 0x44a8000000000000 /* 1.5 * 2^75 */
  .8byte 0x4160000020000000 /* 1 + 2^23 */
  .8byte 0x3e80000000000000 /* 2^-23 */

  DEPTHWISE mlbench_tuned_depthwise_fp64_w1, 1, 1
  DEPTHWISE mlbench_tuned_depthwise_fp64_w2, 1, 2
  DEPTHWISE mlbench_tuned_depthwise_fp64_w3, 1, 3
  DEPTHWISE mlbench_tuned_depthwise_fp64_w4, 1, 4
  DEPTHWISE mlbench_tuned_depthwise_fp64_w5, 1, 5
  DEPTHWISE mlbench_tuned_depthwise_fp64_s2_w1, 2, 1
  DEPTHWISE mlbench_tuned_depthwise_fp64_s2_w2, 2, 2
  DEPTHWISE mlbench_tuned_depthwise_fp64_s2_w3, 2, 3
  DEPTHWISE mlbench_tuned_depthwise_fp64_s2_w4, 2, 4
  DEPTHWISE mlbench_tuned_depthwise_fp64_s2_w5, 2, 5

#endif
