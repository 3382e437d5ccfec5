/* void mlbench_tuned_gemm_5x4(const struct mlbench_tuned_gemm *params, const int8_t *packed,
 *                             int8_t *output)
 *
 * All output channels of five positions, for RV32IM and RV64IM:
 *   acc[c][p]    = bias[c] + sum_k weight[c][k] * packed[p][k]
 *   t            = floor((acc << left_shift[c]) * multiplier[c] / 2^32)
 *   signed only:   t += (t < 0) ? sign[c] : 0                       (round halves away from zero)
 *   output[p][c] = low + clamp((t + offset[c]) >> shift[c], 0, range)
 * The input's zero point is folded into bias; both roundings of TensorFlow Lite's
 * MultiplyByQuantizedMultiplier, the output's zero point and the lower bound into `add`
 * (requantise/fixed_point.py derives it).
 *
 * Instructions per MAC of the inner loop: for each k, 5 + 4 byte loads serve a tile of 5 positions
 * by 4 channels, each MAC is a mul and an add: (9 + 2 * 20) / 20 = 2.45. Four more per sixteen k
 * (two pointers, the loop's end from the stack, the branch) make 2.4625; with
 * MLBENCH_TUNED_SMALL, four per four k, 2.5. A larger tile would need more than the 28 registers
 * that are free (20 accumulators, 4 weights, 1 activation, 1 product, 2 pointers), a smaller one
 * loads more. Per output, outside of the loop: 7 for the requantisation, 3 more when it clamps,
 * and about 3 for the tile's share of biases, constants and stores.
 *
 * packed   [k / 4][position 0..4][k % 4]
 * stream   per group of four channels: int32 bias[4]; int8 weight[k][4]; int32 multiplier[4];
 *          int32 offset[4]; uint8 shift[4]; uint8 left_shift[4]; int8 sign[4]; int32 advance, the bytes from
 *          this group's first output channel to the next one's, 0 after the last.
 */
#include "mlbench_tuned_gemm_asm.h"

#if defined(__riscv)

#define AT_END (16 * XBYTES)

/* Accumulators, by channel and position. */
#define A00 s0
#define A01 s1
#define A02 s2
#define A03 s3
#define A04 s4
#define A10 s5
#define A11 s6
#define A12 s7
#define A13 s8
#define A14 s9
#define A20 s10
#define A21 s11
#define A22 a2
#define A23 a3
#define A24 a4
#define A30 a5
#define A31 a6
#define A32 a7
#define A33 t5
#define A34 t6

/* One activation times four weights; loads the next position's, a turn before it is needed. */
.macro FOUR a0, a1, a2, a3, next
  mul PRODUCT, XV, W0
  add \a0, \a0, PRODUCT
  mul PRODUCT, XV, W1
  add \a1, \a1, PRODUCT
  mul PRODUCT, XV, W2
  add \a2, \a2, PRODUCT
  mul PRODUCT, XV, W3
  .ifnb \next
  lb XV, \next(X)
  .endif
  add \a3, \a3, PRODUCT
.endm

/* One k. */
.macro STEP w, x
  lb XV, \x(X)
  lb W0, \w(STREAM)
  lb W1, \w + 1(STREAM)
  lb W2, \w + 2(STREAM)
  lb W3, \w + 3(STREAM)
  FOUR A00, A10, A20, A30, \x + 4
  FOUR A01, A11, A21, A31, \x + 8
  FOUR A02, A12, A22, A32, \x + 12
  FOUR A03, A13, A23, A33, \x + 16
  FOUR A04, A14, A24, A34
.endm

.macro FOUR_STEPS w, x
  STEP \w, \x
  STEP \w + 4, \x + 1
  STEP \w + 8, \x + 2
  STEP \w + 12, \x + 3
.endm

.macro BIAS first, second, third, fourth, fifth
  mv \second, \first
  mv \third, \first
  mv \fourth, \first
  mv \fifth, \first
.endm

.macro REQUANTISE_TILE is_signed
  CHANNEL \is_signed, 0, A00, A01, A02, A03, A04
  CHANNEL \is_signed, 1, A10, A11, A12, A13, A14
  CHANNEL \is_signed, 2, A20, A21, A22, A23, A24
  CHANNEL \is_signed, 3, A30, A31, A32, A33, A34
.endm

  FUNCTION mlbench_tuned_gemm_5x4
  addi sp, sp, -FRAME
  SAVE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  STORE a0, AT_PARAMS(sp)
  STORE a1, AT_PACKED(sp)
  STORE a2, AT_OUTPUT(sp)
  mv t0, a0
  LOAD STREAM, GEMM_STREAM(a0)

.Lgroup:
  LOAD t0, AT_PARAMS(sp)
  lw A00, 0(STREAM)
  lw t1, GEMM_WEIGHT_BYTES(t0)
  lw A10, 4(STREAM)
  lw A20, 8(STREAM)
  lw A30, 12(STREAM)
  LOAD X, AT_PACKED(sp)
  addi t2, STREAM, 16
  add t2, t2, t1
  STORE t2, AT_END(sp)
  BIAS A00, A01, A02, A03, A04
  BIAS A10, A11, A12, A13, A14
  BIAS A20, A21, A22, A23, A24
  BIAS A30, A31, A32, A33, A34
  addi STREAM, STREAM, 16
#ifdef MLBENCH_TUNED_SMALL
.Lloop:
  FOUR_STEPS 0, 0
  LOAD PRODUCT, AT_END(sp)
  addi STREAM, STREAM, 16
  addi X, X, 20
#else
  andi t1, t1, 48
  beqz t1, .Lloop
  /* No multiple of sixteen k: enter the first turn where it has the right number of fours left. */
  addi t2, t1, -64
  add STREAM, STREAM, t2
  add X, X, t2
  srai t2, t2, 2
  add X, X, t2
  addi t1, t1, -32
  bltz t1, .Lfourth
  beqz t1, .Lthird
  j .Lsecond
.Lloop:
  FOUR_STEPS 0, 0
.Lsecond:
  FOUR_STEPS 16, 20
.Lthird:
  FOUR_STEPS 32, 40
.Lfourth:
  FOUR_STEPS 48, 60
  LOAD PRODUCT, AT_END(sp)
  addi STREAM, STREAM, 64
  addi X, X, 80
#endif
  bne STREAM, PRODUCT, .Lloop

  LOAD t0, AT_PARAMS(sp)
  lw W3, GEMM_RANGE(t0)
#ifdef MLBENCH_TUNED_GEMM_SIGNED
  lw t1, GEMM_SIGNED(t0)
  beqz t1, .Lunsigned
  REQUANTISE_TILE 1
  j .Lstore
.Lunsigned:
#endif
  REQUANTISE_TILE 0
.Lstore:
  LOAD W1, AT_PARAMS(sp)
  LOAD W0, AT_OUTPUT(sp)
  lw X, 44(STREAM)
  lw W2, GEMM_LOW(W1)
  lw W1, GEMM_PITCH(W1)
  add PRODUCT, W0, X
  STORE PRODUCT, AT_OUTPUT(sp)
  STORE_POSITION A00, A10, A20, A30
  add W0, W0, W1
  STORE_POSITION A01, A11, A21, A31
  add W0, W0, W1
  STORE_POSITION A02, A12, A22, A32
  add W0, W0, W1
  STORE_POSITION A03, A13, A23, A33
  add W0, W0, W1
  STORE_POSITION A04, A14, A24, A34
  addi STREAM, STREAM, 48
  bnez X, .Lgroup

  RESTORE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  addi sp, sp, FRAME
  ret
  END_FUNCTION mlbench_tuned_gemm_5x4

#endif
