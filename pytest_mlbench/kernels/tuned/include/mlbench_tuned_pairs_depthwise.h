/* The rows of a strip of columns, for depthwise_3x3_pairs.S: registers; a pixel pair and its
 * taps; the pixels between the edges and beside them; a row of outputs. `n` is the number of output
 * columns; sum j + n * i belongs to column j of open row i. Three rows are open: `done`, `middle`
 * and `fresh` are their numbers i.
 */
#ifndef MLBENCH_TUNED_PAIRS_DEPTHWISE_H
#define MLBENCH_TUNED_PAIRS_DEPTHWISE_H

#include "mlbench_tuned_offsets.h"
#include "mlbench_tuned_pairs_asm.h"

#if defined(__riscv)

/* clang-format off */

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
#ifdef MLBENCH_TUNED_PAIRS_SIGNED
  FROM_EDGE \acc, \w, BIAS_LEFT
#else
  FMADD_FROM \acc, \w, 29
#endif
.endm

.macro KEEP_LEFT from
#ifdef MLBENCH_TUNED_PAIRS_SIGNED
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

/* clang-format on */

#endif /* __riscv */

#endif
