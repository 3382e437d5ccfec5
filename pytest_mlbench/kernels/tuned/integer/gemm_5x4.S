/* void mlbench_tuned_gemm_5x4(const struct mlbench_tuned_gemm *params, const int8_t *packed,
 *                             int8_t *output)
 * void mlbench_tuned_gemm_1x4(the same)
 *
 * All output channels of five positions (one), for RV32IM and RV64IM:
 *   acc[c][p]    = bias[c] + sum_k weight[c][k] * packed[p][k]
 *   t            = floor((acc << pre[c]) * multiplier[c] / 2^32)
 *   signed only:   t += (t < 0) ? sign[c] : 0                       (round halves away from zero)
 *   output[p][c] = low + clamp((t + add[c]) >> shift[c], 0, range)
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
 * One position: (1 + 4 + 2 * 4) / 4 = 3.25, with the loop 3.5. It serves one to three positions that
 * are left over, where a tile of five would cost 12.3 in all.
 *
 * packed   [k / 4][position 0..4][k % 4]; one position reads every fifth word
 * stream   per group of four channels: int32 bias[4]; int8 weight[k][4]; int32 multiplier[4];
 *          int32 add[4]; uint8 shift[4]; uint8 pre[4]; int8 sign[4]; int32 advance, the bytes from
 *          this group's first output channel to the next one's, 0 after the last.
 */
#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define FRAME (20 * XBYTES)
#define AT_PARAMS (13 * XBYTES)
#define AT_PACKED (14 * XBYTES)
#define AT_OUTPUT (15 * XBYTES)
#define AT_END (16 * XBYTES)

#define STREAM a0
#define X a1
#define W0 t0
#define W1 t1
#define W2 t2
#define W3 t3
#define XV t4
#define PRODUCT ra

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

.macro STEP_ONE w, x
  lb XV, \x(X)
  lb W0, \w(STREAM)
  lb W2, \w + 1(STREAM)
  lb W3, \w + 2(STREAM)
  lb PRODUCT, \w + 3(STREAM)
  mul W0, W0, XV
  add A00, A00, W0
  mul W2, W2, XV
  add A10, A10, W2
  mul W3, W3, XV
  add A20, A20, W3
  mul PRODUCT, PRODUCT, XV
  add A30, A30, PRODUCT
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

/* Requantise five positions of channel i, which STREAM - 4 * i points at the constants of. */
.macro REQUANTISE is_signed, i, accumulators:vararg
  lbu XV, 36 + \i(STREAM)
  lw W0, 4 * \i(STREAM)
  lw W1, 16 + 4 * \i(STREAM)
  lbu W2, 32 + \i(STREAM)
  .if \is_signed
  lb X, 40 + \i(STREAM)
  .endif
  .irp acc, \accumulators
  sll \acc, \acc, XV
  MULTIPLY_HIGH \acc, \acc, W0
  .if \is_signed
  srai PRODUCT, \acc, 31
  and PRODUCT, PRODUCT, X
  add \acc, \acc, PRODUCT
  .endif
  add \acc, \acc, W1
  sra \acc, \acc, W2
  CLAMP \acc, W3
  .endr
.endm

.macro REQUANTISE_TILE is_signed
  REQUANTISE \is_signed, 0, A00, A01, A02, A03, A04
  REQUANTISE \is_signed, 1, A10, A11, A12, A13, A14
  REQUANTISE \is_signed, 2, A20, A21, A22, A23, A24
  REQUANTISE \is_signed, 3, A30, A31, A32, A33, A34
.endm

.macro STORE_POSITION a0, a1, a2, a3
  add \a0, \a0, W2
  sb \a0, 0(W0)
  add \a1, \a1, W2
  sb \a1, 1(W0)
  add \a2, \a2, W2
  sb \a2, 2(W0)
  add \a3, \a3, W2
  sb \a3, 3(W0)
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

  FUNCTION mlbench_tuned_gemm_1x4
  addi sp, sp, -FRAME
  SAVE ra, 0
  SAVE s0, 1
  SAVE s5, 6
  SAVE s10, 11
  STORE a0, AT_PARAMS(sp)
  STORE a1, AT_PACKED(sp)
  STORE a2, AT_OUTPUT(sp)
  LOAD STREAM, GEMM_STREAM(a0)
.Lone_group:
  LOAD t0, AT_PARAMS(sp)
  LOAD X, AT_PACKED(sp)
  lw t1, GEMM_WEIGHT_BYTES(t0)
  lw A00, 0(STREAM)
  lw A10, 4(STREAM)
  lw A20, 8(STREAM)
  lw A30, 12(STREAM)
  addi STREAM, STREAM, 16
  add W1, t1, STREAM
.Lone_loop:
  STEP_ONE 0, 0
  STEP_ONE 4, 1
  STEP_ONE 8, 2
  STEP_ONE 12, 3
  addi STREAM, STREAM, 16
  addi X, X, 20
  bne STREAM, W1, .Lone_loop

  LOAD t0, AT_PARAMS(sp)
  lw W3, GEMM_RANGE(t0)
#ifdef MLBENCH_TUNED_GEMM_SIGNED
  lw t1, GEMM_SIGNED(t0)
  beqz t1, .Lone_unsigned
  REQUANTISE 1, 0, A00
  REQUANTISE 1, 1, A10
  REQUANTISE 1, 2, A20
  REQUANTISE 1, 3, A30
  j .Lone_store
.Lone_unsigned:
#endif
  REQUANTISE 0, 0, A00
  REQUANTISE 0, 1, A10
  REQUANTISE 0, 2, A20
  REQUANTISE 0, 3, A30
.Lone_store:
  LOAD W1, AT_PARAMS(sp)
  LOAD W0, AT_OUTPUT(sp)
  lw X, 44(STREAM)
  lw W2, GEMM_LOW(W1)
  add PRODUCT, W0, X
  STORE PRODUCT, AT_OUTPUT(sp)
  STORE_POSITION A00, A10, A20, A30
  addi STREAM, STREAM, 48
  bnez X, .Lone_group

  RESTORE ra, 0
  RESTORE s0, 1
  RESTORE s5, 6
  RESTORE s10, 11
  addi sp, sp, FRAME
  ret
  END_FUNCTION mlbench_tuned_gemm_1x4

#endif
