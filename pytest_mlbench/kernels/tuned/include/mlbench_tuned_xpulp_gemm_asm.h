/* Registers and requantisation of xpulp_gemm.S. */
#ifndef MLBENCH_TUNED_XPULP_GEMM_ASM_H
#define MLBENCH_TUNED_XPULP_GEMM_ASM_H

#include "mlbench_tuned_xpulp_asm.h"

/* clang-format off */

#define STREAM a0
#define X0 a1
#define X1 a2
#define X2 a3
#define X3 ra
#define W0 t0
#define W1 t1
#define COUNT t2
#define P0 t3
#define P1 t4
#define P2 t5
#define P3 t6

/* Accumulators, by channel and position. */
#define A00 s0
#define A01 s1
#define A02 s2
#define A03 s3
#define A10 s4
#define A11 s5
#define A12 s6
#define A13 s7
#define A20 s8
#define A21 s9
#define A22 s10
#define A23 s11
#define A30 a4
#define A31 a5
#define A32 a6
#define A33 a7

.macro FOUR w, a0, a1, a2, a3
  CV_SDOTSP_B \a0, \w, X0
  CV_SDOTSP_B \a1, \w, X1
  CV_SDOTSP_B \a2, \w, X2
  CV_SDOTSP_B \a3, \w, X3
.endm

/* Outputs of channel i, whose group's constants STREAM points at, by two products. */
.macro PRODUCTS i, accumulators:vararg
  lw X0, 4 * \i(STREAM)
  lw X1, 16 + 4 * \i(STREAM)
  lhu X2, 48 + 2 * \i(STREAM)
  lw X3, 32 + 4 * \i(STREAM)
  .irp acc, \accumulators
  CV_TWO_PRODUCTS \acc, X0, X1, X2, X3, COUNT, W0
  .endr
.endm

/* The same by a line that bends. P0 and P1 serve no more. */
.macro BENT i, accumulators:vararg
  lw X0, 4 * \i(STREAM)
  lw X1, 16 + 4 * \i(STREAM)
  lhu X2, 48 + 2 * \i(STREAM)
  lw X3, 32 + 4 * \i(STREAM)
  lw W1, 56 + 4 * \i(STREAM)
  lw P0, 72 + 4 * \i(STREAM)
  .irp acc, \accumulators
  CV_BENT_PRODUCTS \acc, X0, X1, X2, X3, COUNT, W1, P0, P1, W0
  .endr
.endm

/* The same by the upper half; COUNT is the range. */
.macro CHANNEL is_signed, i, accumulators:vararg
  lw W0, 4 * \i(STREAM)
  lw W1, 16 + 4 * \i(STREAM)
  lbu X0, 32 + \i(STREAM)
  lbu X1, 36 + \i(STREAM)
  .if \is_signed
  lb X2, 40 + \i(STREAM)
  .endif
  .irp acc, \accumulators
  CV_REQUANTISE \is_signed, \acc, X1, W0, W1, X0, COUNT, X2, X3
  .endr
.endm

/* One position's four channels. */
.macro ONE channel, arguments:vararg
  \channel \arguments 0, A30
  \channel \arguments 1, A31
  \channel \arguments 2, A32
  \channel \arguments 3, A33
.endm

.macro TILE channel, arguments:vararg
  \channel \arguments 0, A00, A01, A02, A03
  \channel \arguments 1, A10, A11, A12, A13
  \channel \arguments 2, A20, A21, A22, A23
  \channel \arguments 3, A30, A31, A32, A33
.endm

/* Four channels of one position as one word. */
.macro PACK c0, c1, c2, c3
  CV_PACKLO_B \c0, \c1, \c0
  CV_PACKHI_B \c0, \c3, \c2
.endm

.macro PACK_TILE
  PACK A00, A10, A20, A30
  PACK A01, A11, A21, A31
  PACK A02, A12, A22, A32
  PACK A03, A13, A23, A33
.endm

/* clang-format on */

#endif
