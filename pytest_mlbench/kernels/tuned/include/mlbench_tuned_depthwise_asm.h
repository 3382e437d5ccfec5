/* Registers of depthwise_3x3.S, and how it takes a row of the input into its sums. */
#ifndef MLBENCH_TUNED_DEPTHWISE_ASM_H
#define MLBENCH_TUNED_DEPTHWISE_ASM_H

#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

/* clang-format off */

#if defined(__riscv)

#if defined(MLBENCH_TUNED_CHANNELS) && MLBENCH_TUNED_CHANNELS <= 1023
/* Twice as many bytes are still an offset of a load. */
#define STEP MLBENCH_TUNED_CHANNELS
#endif

#define AT_PARAMS (13 * XBYTES)

#define W0 s0
#define W1 s1
#define W2 s2
#define W3 s3
#define W4 s4
#define W5 s5
#define W6 s6
#define W7 s7
#define W8 s8
#define ACC0 s9
#define ACC1 s10
#define ACC2 s11
#define XV t0
#define PRODUCT t1
#define MULTIPLIER t2
#define START t3
#define SHIFT t4
#define RANGE t5
#define LOW t6
#define IN a0
#define OUT a1
#define ROW a2
#define OUTPUT_ROW a3
#define CHANNELS a4
#define LEFT a5
#define AT a6
#define TMP a7

/* acc += or = x * w */
.macro MAC first, acc, x, w
  .if \first
  mul \acc, \x, \w
  .else
  mul PRODUCT, \x, \w
  add \acc, \acc, PRODUCT
  .endif
.endm

/* One input row into the output that ends with it (`done`), the next and the one after (`fresh`,
 * which it starts). `want`: 7 all three, 6 without `done`, 4 only `fresh`; 3 without `fresh`.
 * Every value is loaded two instructions before it is used, or more. */
.macro INPUT_ROW taps, want, done, middle, fresh
  lb XV, 0(IN)
#ifdef STEP
  lb TMP, STEP(IN)
#else
  add AT, IN, CHANNELS
  lb TMP, 0(AT)
#endif
  TAP 1, \want, \done, \middle, \fresh, XV, W6, W3, W0
  .if \taps > 2
#ifdef STEP
  lb XV, 2 * STEP(IN)
#else
  add AT, AT, CHANNELS
  lb XV, 0(AT)
#endif
  .endif
  add IN, IN, ROW
  TAP 0, \want, \done, \middle, \fresh, TMP, W7, W4, W1
  .if \taps > 2
  TAP 0, \want, \done, \middle, \fresh, XV, W8, W5, W2
  .endif
.endm

.macro TAP first, want, done, middle, fresh, x, w_done, w_middle, w_fresh
  .if \want & 1
  MAC 0, \done, \x, \w_done
  .endif
  .if \want & 2
  MAC 0, \middle, \x, \w_middle
  .endif
  .if \want & 4
  MAC \first, \fresh, \x, \w_fresh
  .endif
.endm

.macro FINISH acc
  add \acc, \acc, START
  MULTIPLY_HIGH \acc, \acc, MULTIPLIER
  sra \acc, \acc, SHIFT
  CLAMP \acc, RANGE
  add \acc, \acc, LOW
  sb \acc, 0(OUT)
  add OUT, OUT, OUTPUT_ROW
.endm

/* acc = (or +=) what a row of padding adds: the zero point times its weights. */
.macro PADDING_ROW first, taps, acc, wa, wb, wc
  LOAD TMP, AT_PARAMS(sp)
  lw TMP, DW_ZERO_POINT(TMP)
  add XV, \wa, \wb
  .if \taps > 2
  add XV, XV, \wc
  .endif
  .if \first
  mul \acc, XV, TMP
  .else
  mul XV, XV, TMP
  add \acc, \acc, XV
  .endif
.endm

/* TMP = the current column's zero point times three weights. */
.macro COLUMN_PADDING wa, wb, wc
  LOAD TMP, AT_PARAMS(sp)
  lw TMP, DW_ZERO_POINT(TMP)
  add XV, \wa, \wb
  add XV, XV, \wc
  mul TMP, XV, TMP
.endm

#endif /* __riscv */

/* clang-format on */

#endif
