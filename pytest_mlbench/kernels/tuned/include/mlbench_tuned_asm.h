/* What the assembly kernels share: one source for RV32 and RV64. */
#ifndef MLBENCH_TUNED_ASM_H
#define MLBENCH_TUNED_ASM_H

#if defined(__riscv)

#define XLEN __riscv_xlen

#if __riscv_xlen == 64
#define XBYTES 8
#define LOAD ld
#define STORE sd
#else
#define XBYTES 4
#define LOAD lw
#define STORE sw
#endif

.macro SAVE register, slot
  STORE \register, \slot * XBYTES(sp)
.endm

.macro RESTORE register, slot
  LOAD \register, \slot * XBYTES(sp)
.endm

/* Registers to the frame's first slots, in this order, and back. */
.macro SAVE_REGISTERS registers:vararg
  .set .Lslot, 0
  .irp register, \registers
  STORE \register, .Lslot * XBYTES(sp)
  .set .Lslot, .Lslot + 1
  .endr
.endm

.macro RESTORE_REGISTERS registers:vararg
  .set .Lslot, 0
  .irp register, \registers
  LOAD \register, .Lslot * XBYTES(sp)
  .set .Lslot, .Lslot + 1
  .endr
.endm

/* value = min(max(value, 0), range): one comparison as unsigned numbers, 3 more outside. */
.macro CLAMP value, range
  bgeu \range, \value, .Linside\@
  srai \value, \value, XLEN - 1
  not \value, \value
  and \value, \value, \range
.Linside\@:
.endm

/* acc = clamp((mulh(acc << left_shift, multiplier) + offset) >> shift, 0, range); where something
 * below zero is kept, `sign` is added to what is below zero first: requantise/fixed_point.py. */
.macro REQUANTISE_WORD is_signed, acc, left_shift, multiplier, sign, offset, shift, range, temporary
  sll \acc, \acc, \left_shift
  MULTIPLY_HIGH \acc, \acc, \multiplier
  .if \is_signed
  srai \temporary, \acc, 31
  and \temporary, \temporary, \sign
  add \acc, \acc, \temporary
  .endif
  add \acc, \acc, \offset
  sra \acc, \acc, \shift
  CLAMP \acc, \range
.endm

/* The upper 32 bits of a product of two 32-bit numbers, held as the ABI holds int32_t. */
.macro MULTIPLY_HIGH d, a, b
#if __riscv_xlen == 64
  mul \d, \a, \b
  srai \d, \d, 32
#else
  mulh \d, \a, \b
#endif
.endm

.macro FUNCTION name
  .section .text.\name, "ax", @progbits
  .balign 4
  .globl \name
  .type \name, @function
\name:
.endm

.macro END_FUNCTION name
  .size \name, . - \name
.endm

#endif /* __riscv */

#endif
