/* What the vector kernels share: the ends of their requantisation. Arguments are registers; vxrm is
 * 0, halves up.
 */
#ifndef MLBENCH_TUNED_VECTOR_ASM_H
#define MLBENCH_TUNED_VECTOR_ASM_H

#include "mlbench_tuned_asm.h"

#if defined(__riscv)

/* clang-format off */

/* Subtracts 1 from negative values, so that vssra rounds halves away from zero. Clobbers v0. */
.macro ROUND_AWAY value
  vmslt.vx v0, \value, zero
  vadd.vi \value, \value, -1, v0.t
.endm

/* The same if `bit` of is_signed is set; t is clobbered. 2 instructions, 4 if it is. */
.macro ROUND_AWAY_IF value, is_signed, bit, t
  andi \t, \is_signed, \bit
  beqz \t, .Lpositive\@
  ROUND_AWAY \value
.Lpositive\@:
.endm

/* `count` lanes of 32 bits, saturated to 8: LMUL `half` on the way, then `quarter`. 4 instructions. */
.macro NARROW value, count, half, quarter
  vsetvli zero, \count, e16, \half, ta, ma
  vnclip.wi \value, \value, 0
  vsetvli zero, \count, e8, \quarter, ta, ma
  vnclip.wi \value, \value, 0
.endm

/* Both for one sum of a tile, number j, in register v<reg>. */
.macro SIGN_OF j, reg
  ROUND_AWAY v\reg
.endm

.macro CLIP_OF j, reg
  vnclip.wi v\reg, v\reg, 0
.endm

/* An operand of ADD: value = ((stored + offset) << 20) * multiplier, both roundings. */
.macro SCALED value, stored, offset, multiplier, e, is_signed, bit, t
  vsext.vf4 \value, \stored
  vadd.vx \value, \value, \offset
  vsll.vi \value, \value, 20
  vsmul.vx \value, \value, \multiplier
  ROUND_AWAY_IF \value, \is_signed, \bit, \t
  vssra.vx \value, \value, \e
.endm

/* `count` int8 at `to` from sums of two operands: clamp(value * multiplier, both roundings, +
 * zero_point). LMUL 8 at first. */
.macro STORE_SUMS value, count, to, multiplier, e, zero_point, low, high, is_signed, t
  vsmul.vx \value, \value, \multiplier
  ROUND_AWAY_IF \value, \is_signed, 4, \t
  vssra.vx \value, \value, \e
  vsadd.vx \value, \value, \zero_point
  NARROW \value, \count, m4, m2
  vmax.vx \value, \value, \low
  vmin.vx \value, \value, \high
  vse8.v \value, (\to)
.endm

/* clang-format on */

#endif /* __riscv */

#endif
