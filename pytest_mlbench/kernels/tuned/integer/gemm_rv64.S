/* void mlbench_tuned_gemm_8x4(const struct mlbench_tuned_gemm *params, const int64_t *packed,
 *                             int8_t *output)
 *
 * All output channels of eight positions, for RV64IM: gemm_5x4.S in 64-bit registers. Two
 * activations lie in one register, x = a + b * 2^32, so that one product and one sum are two MACs:
 *   sum = bias * (1 + 2^32) + sum_k weight[k] * x[k] = A + B * 2^32
 * A is the low word with its sign, and what it borrowed comes back with it: B = (sum - A) >> 32. Both
 * are exact while they fit 32 bits, which requantise/fixed_point.py proves for every layer here.
 *
 * Instructions per MAC of the inner loop: for each k, 4 ld and 4 lb serve a tile of 8 positions by 4
 * channels, each pair of MACs is a mul and an add: (8 + 2 * 16) / 32 = 1.25; two pointers and the
 * branch per four k make 1.27. Per output, outside of the loop: 1.5 to split, 6 for the
 * requantisation, 3 more when it clamps, and about 1.5 for the tile's share of biases and constants.
 *
 * packed   int64 [k][pair 0..3], pair i holds positions 2 i and 2 i + 1
 * stream   as in gemm_5x4.S
 */
#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv) && __riscv_xlen == 64

#define FRAME (16 * XBYTES)
#define AT_PARAMS (13 * XBYTES)
#define AT_PACKED (14 * XBYTES)
#define AT_OUTPUT (15 * XBYTES)

#define STREAM a0
#define X a1
#define END a2
#define W0 t0
#define W1 t1
#define W2 t2
#define W3 t3
#define XV t4
#define PRODUCT ra

/* Accumulators, by channel and pair. */
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
#define A30 a3
#define A31 a4
#define A32 a5
#define A33 a6

/* While requantising: W0 to W3 and XV are multiplier, addend, shift, range and sign. The product's
 * upper word is never taken: addend and sign are shifted up instead, and the shift is 32 more. */
#define OUT a7
#define PITCH t5
#define LOW t6

/* One pair of activations times four weights. */
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
  FOUR \x + 24, A03, A13, A23, A33
.endm

.macro BIAS i, first, second, third, fourth
  lw \first, 4 * \i(STREAM)
  slli \second, \first, 32
  add \first, \first, \second
  mv \second, \first
  mv \third, \first
  mv \fourth, \first
.endm

.macro OUTPUT is_signed, value, i
  mul \value, \value, W0
  .if \is_signed
  srai X, \value, 63
  and X, X, XV
  add \value, \value, X
  .endif
  add \value, \value, W1
  sra \value, \value, W2
  CLAMP \value, W3
  add \value, \value, LOW
  sb \value, \i(OUT)
.endm

/* Channel i of all pairs, STREAM at the constants. */
.macro REQUANTISE is_signed, i, accumulators:vararg
  lw W0, 4 * \i(STREAM)
  lbu XV, 36 + \i(STREAM)
  sll W0, W0, XV
  lw W1, 16 + 4 * \i(STREAM)
  slli W1, W1, 32
  lbu W2, 32 + \i(STREAM)
  addi W2, W2, 32
  .if \is_signed
  lb XV, 40 + \i(STREAM)
  slli XV, XV, 32
  .endif
  LOAD OUT, AT_OUTPUT(sp)
  .irp acc, \accumulators
  sext.w PRODUCT, \acc
  sub \acc, \acc, PRODUCT
  srai \acc, \acc, 32
  OUTPUT \is_signed, PRODUCT, \i
  add OUT, OUT, PITCH
  OUTPUT \is_signed, \acc, \i
  add OUT, OUT, PITCH
  .endr
.endm

.macro REQUANTISE_TILE is_signed
  REQUANTISE \is_signed, 0, A00, A01, A02, A03
  REQUANTISE \is_signed, 1, A10, A11, A12, A13
  REQUANTISE \is_signed, 2, A20, A21, A22, A23
  REQUANTISE \is_signed, 3, A30, A31, A32, A33
.endm

  FUNCTION mlbench_tuned_gemm_8x4
  addi sp, sp, -FRAME
  SAVE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  STORE a0, AT_PARAMS(sp)
  STORE a1, AT_PACKED(sp)
  STORE a2, AT_OUTPUT(sp)
  LOAD STREAM, GEMM_STREAM(a0)
.Lgroup:
  LOAD t0, AT_PARAMS(sp)
  lw t1, GEMM_WEIGHT_BYTES(t0)
  LOAD X, AT_PACKED(sp)
  BIAS 0, A00, A01, A02, A03
  BIAS 1, A10, A11, A12, A13
  BIAS 2, A20, A21, A22, A23
  BIAS 3, A30, A31, A32, A33
  addi STREAM, STREAM, 16
  add END, STREAM, t1
.Lloop:
  STEP 0, 0
  STEP 4, 32
  STEP 8, 64
  STEP 12, 96
  addi STREAM, STREAM, 16
  addi X, X, 128
  bne STREAM, END, .Lloop

  LOAD X, AT_PARAMS(sp)
  lw W3, GEMM_RANGE(X)
  lw PITCH, GEMM_PITCH(X)
  lw LOW, GEMM_LOW(X)
#ifdef MLBENCH_TUNED_GEMM_SIGNED
  lw W0, GEMM_SIGNED(X)
  beqz W0, .Lunsigned
  REQUANTISE_TILE 1
  j .Lnext
.Lunsigned:
#endif
  REQUANTISE_TILE 0
.Lnext:
  lw X, 44(STREAM)
  LOAD OUT, AT_OUTPUT(sp)
  add OUT, OUT, X
  STORE OUT, AT_OUTPUT(sp)
  addi STREAM, STREAM, 48
  bnez X, .Lgroup
  RESTORE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  addi sp, sp, FRAME
  ret
  END_FUNCTION mlbench_tuned_gemm_8x4

#endif
