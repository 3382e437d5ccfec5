/* What gemm_5x4.S and gemm_1x4.S share. */
#ifndef MLBENCH_TUNED_GEMM_ASM_H
#define MLBENCH_TUNED_GEMM_ASM_H

#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

/* clang-format off */

#if defined(__riscv)

#define FRAME (20 * XBYTES)
#define AT_PARAMS (13 * XBYTES)
#define AT_PACKED (14 * XBYTES)
#define AT_OUTPUT (15 * XBYTES)

#define STREAM a0
#define X a1
#define W0 t0
#define W1 t1
#define W2 t2
#define W3 t3
#define XV t4
#define PRODUCT ra

/* Outputs of channel i, whose group's constants STREAM points at; W3 is the range. */
.macro CHANNEL is_signed, i, accumulators:vararg
  lbu XV, 36 + \i(STREAM)
  lw W0, 4 * \i(STREAM)
  lw W1, 16 + 4 * \i(STREAM)
  lbu W2, 32 + \i(STREAM)
  .if \is_signed
  lb X, 40 + \i(STREAM)
  .endif
  .irp acc, \accumulators
  REQUANTISE_WORD \is_signed, \acc, XV, W0, X, W1, W2, W3, PRODUCT
  .endr
.endm

/* Four channels of a position to W0, the lower bound W2 added to each. */
.macro STORE_POSITION a0, a1, a2, a3
  .set .Lchannel, 0
  .irp acc, \a0, \a1, \a2, \a3
  add \acc, \acc, W2
  sb \acc, .Lchannel(W0)
  .set .Lchannel, .Lchannel + 1
  .endr
.endm

#endif /* __riscv */

/* clang-format on */

#endif
