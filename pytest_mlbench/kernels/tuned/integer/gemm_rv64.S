/* void mlbench_tuned_gemm_rv64(const struct mlbench_tuned_gemm *params, const int64_t *packed,
 *                              int8_t *output, int32_t fields)
 *
 * All output channels of three words of positions, for RV64IM. A word is two fields of 32 bits, or
 * three of 21, one activation of a position in each: x = a + b * 2^32, or a + b * 2^21 + c * 2^42,
 * so that one product and one sum are two or three MACs. With ONES = 1 + 2^32 or 1 + 2^21 + 2^42,
 * and HALF of a field,
 *   sum = (bias + HALF) * ONES + sum_k weight[k] * x[k] = A + B * 2^32, or A + B * 2^21 + C * 2^42
 * where A = acc_a + HALF, and B and C likewise. Sums are exact modulo 2^64, so carries and borrows on
 * the way do not matter: if all accumulators are in -HALF <= acc < HALF, then A, B and C are the
 * digits of the sum. What HALF adds to the product with the multiplier is taken off again with the
 * rounding's constant, modulo 2^64 as well. Every layer's accumulators fit 32 bits
 * (requantise/fixed_point.py); conv2d.py says which fit 21.
 *
 * Instructions per MAC of the inner loop: for each k, 3 ld and 4 lb serve a tile of 3 words by 4
 * channels, each product is a mul and an add: (7 + 2 * 12) / 24 = 1.29 for two fields, / 36 = 0.86 for
 * three; two pointers and the branch per four k add 0.02 to 0.03. Per output, outside of the loop:
 * 2 to split, 7 for the requantisation (11 if signed), 3 more when it clamps, and 2 to 3 for the
 * tile's share of biases, constants, and sums stored and loaded. More words or channels would need
 * more than 28 registers for sums, weights and pointers.
 *
 * packed   int64 [k][word 0..2]: word i holds positions `fields` * i and the next ones
 * stream   as in gemm_5x4.S
 */
#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv) && __riscv_xlen == 64

#define AT_PARAMS (13 * XBYTES)
#define AT_FIELD (14 * XBYTES)
#define SUMS (16 * XBYTES) /* [channel][word] */
#define FRAME (28 * XBYTES)

#define STREAM a0
#define PACKED a1
#define OUTPUT_AT a2
#define PITCH a6
#define LOW a7
#define HALF t5
#define ONES t6

/* The inner loop. */
#define XV a3
#define X a5
#define W0 t0
#define W1 t1
#define W2 t2
#define W3 t3
#define END t4
#define PRODUCT ra

/* The requantisation; the sums' registers are free then. */
#define VALUE s0
#define T s1
#define RANGE a3
#define SIGN a4
#define OFF a5
#define MULTIPLIER t0
#define ADDEND t1
#define SHIFT t2
#define BYTES t3
#define LAST t4
#define AT s2
#define FIELD s3 /* 64 less the bits of a field */
#define SECOND s4
#define OUT s5
#define SUM s6

/* One word of activations times four weights. */
.macro FOUR x, a0, a1, a2, a3
  ld XV, \x(X)
  mul PRODUCT, XV, W0
  add \a0, \a0, PRODUCT
  mul PRODUCT, XV, W1
  add \a1, \a1, PRODUCT
  mul PRODUCT, XV, W2
  add \a2, \a2, PRODUCT
  mul XV, XV, W3
  add \a3, \a3, XV
.endm

.macro STEP w, x
  lb W0, \w(STREAM)
  lb W1, \w + 1(STREAM)
  lb W2, \w + 2(STREAM)
  lb W3, \w + 3(STREAM)
  FOUR \x, s0, s3, s6, s9
  FOUR \x + 8, s1, s4, s7, s10
  FOUR \x + 16, s2, s5, s8, s11
.endm

.macro BIAS i, first, second, third
  lw \first, 4 * \i(STREAM)
  add \first, \first, HALF
  mul \first, \first, ONES
  mv \second, \first
  mv \third, \first
.endm

/* The product's upper word is never taken: addend and sign are shifted up instead, and the shift is
 * 32 more. */
.macro OUTPUT is_signed
  srl VALUE, VALUE, FIELD
  mul VALUE, VALUE, MULTIPLIER
  .if \is_signed
  sub VALUE, VALUE, OFF
  srai T, VALUE, 63
  and T, T, SIGN
  add VALUE, VALUE, T
  .endif
  add VALUE, VALUE, ADDEND
  sra VALUE, VALUE, SHIFT
  CLAMP VALUE, RANGE
  add VALUE, VALUE, LOW
  sb VALUE, 0(OUT)
  add OUT, OUT, PITCH
.endm

/* The two or three positions of a word. */
.macro OUTPUTS is_signed, at
  ld SUM, \at(AT)
  sll VALUE, SUM, FIELD
  OUTPUT \is_signed
  sll VALUE, SUM, SECOND
  OUTPUT \is_signed
  beqz SECOND, .Lno_third\@
  slli VALUE, SUM, 1
  OUTPUT \is_signed
.Lno_third\@:
.endm

/* Four channels, of which each has its sums at AT. */
.macro REQUANTISE is_signed
.Lchannel\@:
  lw MULTIPLIER, 0(STREAM)
  lbu T, 4(BYTES)
  lw ADDEND, 16(STREAM)
  lbu SHIFT, 0(BYTES)
  sll MULTIPLIER, MULTIPLIER, T
  slli ADDEND, ADDEND, 32
  mul OFF, MULTIPLIER, HALF
  addi SHIFT, SHIFT, 32
  .if \is_signed
  lb SIGN, 8(BYTES)
  slli SIGN, SIGN, 32
  .else
  sub ADDEND, ADDEND, OFF
  .endif
  mv OUT, OUTPUT_AT
  OUTPUTS \is_signed, 0
  OUTPUTS \is_signed, 8
  OUTPUTS \is_signed, 16
  addi AT, AT, 3 * 8
  addi STREAM, STREAM, 4
  addi BYTES, BYTES, 1
  addi OUTPUT_AT, OUTPUT_AT, 1
  bne AT, LAST, .Lchannel\@
.endm

  FUNCTION mlbench_tuned_gemm_rv64
  addi sp, sp, -FRAME
  SAVE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  STORE a0, AT_PARAMS(sp)
  lw PITCH, GEMM_PITCH(a0)
  lw LOW, GEMM_LOW(a0)
  LOAD STREAM, GEMM_STREAM(a0)
  addi a3, a3, -3
  li t3, 43
  li HALF, 1 << 20
  li ONES, 1 + (1 << 21) + (1 << 42)
  beqz a3, .Lfields
  li t3, 32
  slli HALF, HALF, 11
  li ONES, 1 + (1 << 32)
.Lfields:
  STORE t3, AT_FIELD(sp)
.Lgroup:
  LOAD END, AT_PARAMS(sp)
  lw END, GEMM_WEIGHT_BYTES(END)
  BIAS 0, s0, s1, s2
  BIAS 1, s3, s4, s5
  BIAS 2, s6, s7, s8
  BIAS 3, s9, s10, s11
  addi STREAM, STREAM, 16
  add END, END, STREAM
  mv X, PACKED
.Lloop:
  STEP 0, 0
  STEP 4, 24
  STEP 8, 48
  STEP 12, 72
  addi STREAM, STREAM, 16
  addi X, X, 96
  bne STREAM, END, .Lloop

  .set .Lsum, 0
  .irp register, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  sd \register, SUMS + 8 * .Lsum(sp)
  .set .Lsum, .Lsum + 1
  .endr
  LOAD LAST, AT_PARAMS(sp)
  lw RANGE, GEMM_RANGE(LAST)
#ifdef MLBENCH_TUNED_GEMM_SIGNED
  lw SUM, GEMM_SIGNED(LAST)
#endif
  LOAD FIELD, AT_FIELD(sp)
  addi SECOND, FIELD, -21
  addi T, FIELD, -32
  bnez T, .Lthree
  li SECOND, 0
.Lthree:
  addi AT, sp, SUMS
  addi LAST, AT, 12 * 8
  addi BYTES, STREAM, 32
#ifdef MLBENCH_TUNED_GEMM_SIGNED
  beqz SUM, .Lunsigned
  REQUANTISE 1
  j .Lnext
.Lunsigned:
#endif
  REQUANTISE 0
.Lnext:
  lw X, 44 - 16(STREAM)
  addi OUTPUT_AT, OUTPUT_AT, -4
  add OUTPUT_AT, OUTPUT_AT, X
  addi STREAM, STREAM, 48 - 16
  bnez X, .Lgroup
  RESTORE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  addi sp, sp, FRAME
  ret
  END_FUNCTION mlbench_tuned_gemm_rv64

#endif
