/* void mlbench_tuned_gemm_9x4(const struct mlbench_tuned_gemm *params, const int64_t *packed,
 *                             int8_t *output)
 *
 * All output channels of nine positions, for RV64IM and accumulators -2^20 <= acc < 2^20. Three
 * activations lie in one register, x = a + b * 2^21 + c * 2^42, so that one product and one sum are
 * three MACs. The sum begins with (bias + 2^20) * (1 + 2^21 + 2^42), so that at its end
 *   sum = A + B * 2^21 + C * 2^42,   A = acc_a + 2^20 >= 0 and B, C likewise
 * whatever carries and borrows there were on the way: sums are exact modulo 2^64, and three
 * numbers below 2^21 are the digits of exactly one sum. What 2^20 adds to the product with the
 * multiplier is taken off again with the rounding's constant.
 *
 * Instructions per MAC of the inner loop: for each k, 3 ld and 4 lb serve a tile of 9 positions by 4
 * channels, each triple of MACs is a mul and an add: (7 + 2 * 12) / 36 = 0.86; two pointers and the
 * branch per four k make 0.88. Per output, outside of the loop: 1.7 to split, 7 for the
 * requantisation, 3 more when it clamps, and about 1.7 for the tile's share of biases and constants.
 *
 * packed   int64 [k][triple 0..2], triple i holds positions 3 i to 3 i + 2
 * stream   as in gemm_5x4.S, with 2^20 added to each bias
 */
#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv) && __riscv_xlen == 64

#define FRAME (16 * XBYTES)
#define AT_WEIGHT_BYTES (13 * XBYTES)
#define AT_SIGNED (14 * XBYTES)

#define STREAM a0
#define PACKED a1
#define OUTPUT_AT a2
#define RANGE a3
#define ONES a4 /* 1 + 2^21 + 2^42 */
#define X a5
#define END a6
#define OUT a7
#define W0 t0
#define W1 t1
#define W2 t2
#define W3 t3
#define XV t4
#define PITCH t5
#define LOW t6
#define PRODUCT ra

/* Accumulators, by channel and triple. */
#define A00 s0
#define A01 s1
#define A02 s2
#define A10 s3
#define A11 s4
#define A12 s5
#define A20 s6
#define A21 s7
#define A22 s8
#define A30 s9
#define A31 s10
#define A32 s11

/* One triple of activations times four weights. */
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
  FOUR \x, A00, A10, A20, A30
  FOUR \x + 8, A01, A11, A21, A31
  FOUR \x + 16, A02, A12, A22, A32
.endm

.macro BIAS i, first, second, third
  lw \first, 4 * \i(STREAM)
  mul \first, \first, ONES
  mv \second, \first
  mv \third, \first
.endm

/* While requantising: W0 to W3 are multiplier, constant, shift and sign, X what 2^20 adds to the
 * product. The product's upper word is never taken: constant and sign are shifted up instead, and
 * the shift is 32 more. */
.macro OUTPUT is_signed, value, i
  mul \value, \value, W0
  .if \is_signed
  sub \value, \value, X
  srai XV, \value, 63
  and XV, XV, W3
  add \value, \value, XV
  .endif
  add \value, \value, W1
  sra \value, \value, W2
  CLAMP \value, RANGE
  add \value, \value, LOW
  sb \value, \i(OUT)
  add OUT, OUT, PITCH
.endm

/* Channel i of all triples, STREAM at the constants. */
.macro REQUANTISE is_signed, i, accumulators:vararg
  lw W0, 4 * \i(STREAM)
  lbu XV, 36 + \i(STREAM)
  lw W1, 16 + 4 * \i(STREAM)
  lbu W2, 32 + \i(STREAM)
  sll W0, W0, XV
  slli W1, W1, 32
  slli X, W0, 20
  addi W2, W2, 32
  .if \is_signed
  lb W3, 40 + \i(STREAM)
  slli W3, W3, 32
  .else
  sub W1, W1, X
  .endif
  mv OUT, OUTPUT_AT
  .irp acc, \accumulators
  slli PRODUCT, \acc, 43
  srli PRODUCT, PRODUCT, 43
  OUTPUT \is_signed, PRODUCT, \i
  slli PRODUCT, \acc, 22
  srli PRODUCT, PRODUCT, 43
  OUTPUT \is_signed, PRODUCT, \i
  srli \acc, \acc, 42
  OUTPUT \is_signed, \acc, \i
  .endr
.endm

.macro REQUANTISE_TILE is_signed
  REQUANTISE \is_signed, 0, A00, A01, A02
  REQUANTISE \is_signed, 1, A10, A11, A12
  REQUANTISE \is_signed, 2, A20, A21, A22
  REQUANTISE \is_signed, 3, A30, A31, A32
.endm

  FUNCTION mlbench_tuned_gemm_9x4
  addi sp, sp, -FRAME
  SAVE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  lw t0, GEMM_WEIGHT_BYTES(a0)
  STORE t0, AT_WEIGHT_BYTES(sp)
#ifdef MLBENCH_TUNED_GEMM_SIGNED
  lw t0, GEMM_SIGNED(a0)
  STORE t0, AT_SIGNED(sp)
#endif
  lw RANGE, GEMM_RANGE(a0)
  lw PITCH, GEMM_PITCH(a0)
  lw LOW, GEMM_LOW(a0)
  LOAD STREAM, GEMM_STREAM(a0)
  li ONES, 1 + (1 << 21) + (1 << 42)
.Lgroup:
  LOAD END, AT_WEIGHT_BYTES(sp)
  BIAS 0, A00, A01, A02
  BIAS 1, A10, A11, A12
  BIAS 2, A20, A21, A22
  BIAS 3, A30, A31, A32
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

#ifdef MLBENCH_TUNED_GEMM_SIGNED
  LOAD W0, AT_SIGNED(sp)
  beqz W0, .Lunsigned
  REQUANTISE_TILE 1
  j .Lnext
.Lunsigned:
#endif
  REQUANTISE_TILE 0
.Lnext:
  lw X, 44(STREAM)
  add OUTPUT_AT, OUTPUT_AT, X
  addi STREAM, STREAM, 48
  bnez X, .Lgroup
  RESTORE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  addi sp, sp, FRAME
  ret
  END_FUNCTION mlbench_tuned_gemm_9x4

#endif
