/* What the kernels on the D unit share: saved registers, the end of a sum of two. Arguments are
 * register numbers. */
#ifndef MLBENCH_TUNED_PAIRS_ASM_H
#define MLBENCH_TUNED_PAIRS_ASM_H

#include "mlbench_tuned_asm.h"

/* clang-format off */

.altmacro

/* fs0 to fs11 to the frame's first slots and back; behind them as many integer registers, s0 first,
 * `bytes` for each. */
.macro SAVE_FP integers, bytes
  .set .Lslot, 0
  .rept 12
  SAVE_SLOT %(.Lslot), \integers, \bytes
  .set .Lslot, .Lslot + 1
  .endr
.endm

.macro SAVE_SLOT number, integers, bytes
  fsd fs\number, 8 * \number(sp)
  .if \number < \integers
  STORE s\number, 96 + \bytes * \number(sp)
  .endif
.endm

.macro RESTORE_FP integers, bytes
  .set .Lslot, 0
  .rept 12
  RESTORE_SLOT %(.Lslot), \integers, \bytes
  .set .Lslot, .Lslot + 1
  .endr
.endm

.macro RESTORE_SLOT number, integers, bytes
  fld fs\number, 8 * \number(sp)
  .if \number < \integers
  LOAD s\number, 96 + \bytes * \number(sp)
  .endif
.endm

/* acc = A + B * 2^23 becomes A, and high B * 2^23: adding and subtracting `magic`, 1.5 * 2^75,
 * rounds to a multiple of 2^23. (With four times the sum, four times `magic`.) 3 instructions. */
.macro SPLIT acc, high, magic
  fadd.d f\high, f\acc, f\magic
  fsub.d f\high, f\high, f\magic
  fsub.d f\acc, f\acc, f\high
.endm

/* to_a = A * m + c + copysign(d, A) saturated to 32 bits, to_b with B likewise, d only where halves
 * below zero count; m_high is m * 2^-23, t is clobbered. The outputs are their uppermost bytes. 7 or 11
 * instructions. */
.macro UPPERMOST acc, high, magic, m, m_high, c, d, t, to_a, to_b
  SPLIT \acc, \high, \magic
#ifdef MLBENCH_TUNED_PAIRS_SIGNED
  fsgnj.d f\t, f\d, f\acc
  fadd.d f\t, f\t, f\c
  fmadd.d f\acc, f\acc, f\m, f\t
  fsgnj.d f\t, f\d, f\high
  fadd.d f\t, f\t, f\c
  fmadd.d f\high, f\high, f\m_high, f\t
#else
  fmadd.d f\acc, f\acc, f\m, f\c
  fmadd.d f\high, f\high, f\m_high, f\c
#endif
  fcvt.w.d \to_a, f\acc, rdn
  fcvt.w.d \to_b, f\high, rdn
.endm

/* The same as numbers: / 2^24. 2 instructions more. */
.macro REQUANTISE acc, high, magic, m, m_high, c, d, t, to_a, to_b
  UPPERMOST \acc, \high, \magic, \m, \m_high, \c, \d, \t, \to_a, \to_b
  srai \to_a, \to_a, 24
  srai \to_b, \to_b, 24
.endm

/* clang-format on */

#endif
