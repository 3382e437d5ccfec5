/* CORE-V instructions of the CV32E40P (COREV_PULP) as macros, so that every assembler takes them.
 * CV32E40P user manual, "CORE-V Instruction Set Custom Extensions". */
#ifndef MLBENCH_TUNED_XPULP_ASM_H
#define MLBENCH_TUNED_XPULP_ASM_H

#include "mlbench_tuned_asm.h"

/* clang-format off */

/* The `body` instructions behind this one run `count` times, at least once; at least three of
 * them, none compressed, no jump among them. */
.macro CV_LOOP count, body
  .insn i 0x2b, 4, x14, \count, \body + 1
.endm

/* The same for the loop around that one: its end is at least two instructions behind. */
.macro CV_LOOP_OUTER count, body
  .insn i 0x2b, 4, x15, \count, \body + 1
.endm

/* rd = *(word or int8 *)base; base += step */
.macro CV_LW rd, base, step
  .insn i 0x0b, 2, \rd, \base, \step
.endm

.macro CV_LB rd, base, step
  .insn i 0x0b, 0, \rd, \base, \step
.endm

/* The same with the step in a register. */
.macro CV_LW_R rd, base, step
  .insn r 0x2b, 3, 0x02, \rd, \base, \step
.endm

.macro CV_LB_R rd, base, step
  .insn r 0x2b, 3, 0x00, \rd, \base, \step
.endm

/* *(word or int8 *)base = value; base += step */
.macro CV_SW value, base, step
  .insn s 0x2b, 2, \value, \step(\base)
.endm

.macro CV_SB value, base, step
  .insn s 0x2b, 0, \value, \step(\base)
.endm

.macro CV_SB_R value, base, step
  .insn r 0x2b, 3, 0x10, \step, \base, \value
.endm

/* rd += the sum of four products of signed bytes */
.macro CV_SDOTSP_B rd, a, b
  .insn r 0x7b, 1, 0x54, \rd, \a, \b
.endm

/* rd += a * b */
.macro CV_MAC rd, a, b
  .insn r 0x2b, 3, 0x48, \rd, \a, \b
.endm

/* rd = (a + b) >> shift, a number below 32 */
.macro CV_ADDN rd, a, b, shift
  .insn r 0x5b, 2, \shift, \rd, \a, \b
.endm

/* rd = (rd + a) >> (shift & 31) */
.macro CV_ADDNR rd, a, shift
  .insn r 0x2b, 3, 0x40, \rd, \a, \shift
.endm

/* rd = min(max(value, 0), most) */
.macro CV_CLIPUR rd, value, most
  .insn r 0x2b, 3, 0x3b, \rd, \value, \most
.endm

/* The lower (upper) two bytes of rd are the lowest ones of `low` and `high`. */
.macro CV_PACKLO_B rd, high, low
  .insn r 0x7b, 1, 0x7c, \rd, \high, \low
.endm

.macro CV_PACKHI_B rd, high, low
  .insn r 0x7b, 1, 0x7d, \rd, \high, \low
.endm

/* Each byte of rd = the same byte of a + the lowest byte of b. */
.macro CV_ADD_SC_B rd, a, b
  .insn r 0x7b, 5, 0x00, \rd, \a, \b
.endm

/* Each byte of rd = the larger (smaller) of the same byte of a and the lowest byte of b, signed. */
.macro CV_MAX_SC_B rd, a, b
  .insn r 0x7b, 5, 0x18, \rd, \a, \b
.endm

.macro CV_MIN_SC_B rd, a, b
  .insn r 0x7b, 5, 0x10, \rd, \a, \b
.endm

/* rd = high's lower half, low's lower half */
.macro CV_PACK rd, high, low
  .insn r 0x7b, 0, 0x78, \rd, \high, \low
.endm

/* Each byte of rd is one of a's or its own, as the lower bits of mask's bytes say. */
.macro CV_SHUFFLE2_B rd, a, mask
  .insn r 0x7b, 1, 0x70, \rd, \a, \mask
.endm

/* Each half of rd is one of a's or its own, as the lower bits of mask's halves say. */
.macro CV_SHUFFLE2_H rd, a, mask
  .insn r 0x7b, 0, 0x70, \rd, \a, \mask
.endm

/* acc = (mulh(acc << left_shift, multiplier) + offset) >> shift, clamped to 0..range. If is_signed,
 * `sign` is first added to negative products.
 * 8 cycles (mulh takes 5), 11 signed. */
.macro CV_REQUANTISE is_signed, acc, left_shift, multiplier, offset, shift, range, sign, temporary
  sll \acc, \acc, \left_shift
  mulh \acc, \acc, \multiplier
  .if \is_signed
  srai \temporary, \acc, 31
  and \temporary, \temporary, \sign
  add \acc, \acc, \temporary
  .endif
  CV_ADDNR \acc, \offset, \shift
  CV_CLIPUR \acc, \acc, \range
.endm

/* acc = (a * upper + ((a * lower) >> bits) + offset) >> 23, a being acc clamped to 0..most: see
 * requantise/two_products.py. 5 cycles. */
.macro CV_TWO_PRODUCTS acc, most, upper, lower, offset, bits, temporary
  CV_CLIPUR \acc, \acc, \most
  mul \temporary, \acc, \lower
  srl \temporary, \temporary, \bits
  CV_MAC \temporary, \acc, \upper
  CV_ADDN \acc, \temporary, \offset, 23
.endm

/* The same with another offset below `bend`: offset + below. `sign` is overwritten. 7 cycles. */
.macro CV_BENT_PRODUCTS acc, most, upper, lower, offset, bits, bend, below, sign, temporary
  CV_CLIPUR \acc, \acc, \most
  mul \temporary, \acc, \lower
  slt \sign, \acc, \bend
  srl \temporary, \temporary, \bits
  CV_MAC \temporary, \acc, \upper
  CV_MAC \temporary, \sign, \below
  CV_ADDN \acc, \temporary, \offset, 23
.endm

/* clang-format on */

#endif
