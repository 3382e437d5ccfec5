/* void mlbench_tuned_fully_connected_16(const struct mlbench_tuned_fully_connected *params,
 *                                       const int8_t *input, int8_t *output)
 * void mlbench_tuned_fully_connected_4(the same)
 *
 * FULLY_CONNECTED of one row with one scale for all outputs, for RV32IM and RV64IM: sixteen (four)
 * outputs at a time.
 *   acc[n]    = bias[n] + sum_k weight[n][k] * input[k]
 *   t         = floor((acc << left_shift) * multiplier / 2^32)
 *   signed only: t += (t < 0) ? sign : 0
 *   output[n] = low + clamp((t + offset) >> shift, 0, range)
 * with the input's zero point in bias, and the rest as in gemm_5x4.S (requantise/fixed_point.py).
 *
 * Instructions per MAC of the inner loop: no weight is used twice, so each MAC is a load, a mul and
 * an add, and one load of the input serves all outputs of a group: 3 + 1/16. Three more per eight k
 * (two pointers, the branch) make 3.09. More than sixteen outputs would save less than 1/32. The
 * kernel for fewer is not unrolled: (1 + 3 * 4 + 3) / 4 = 4. Per output, outside of the
 * loop: 8, and 3 more when it clamps.
 *
 * stream   per group: int32 bias[16]; int8 weight[k][16] (4: the same with four). The last group of
 *          a number of outputs that is no multiple begins earlier and writes some of them again.
 */
#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define FRAME (16 * XBYTES)

#define STREAM a0
#define X a1
#define XV t0
#define W t1
#define W1 a7
#define END t2
#define OUT t3
#define INPUT t4
#define PARAMS t5
#define LEFT t6
#define K a6
/* While requantising: */
#define MULTIPLIER t0
#define OFFSET t1
#define LEFT_SHIFT t2
#define SHIFT a7
#define RANGE ra
#define SIGN a1
#define TMP a6

.macro STEP group, at, accumulators:vararg
  lb XV, \at(X)
  .set offset, \at * \group
  lb W, offset(STREAM)
  lb W1, offset + 1(STREAM)
  MACS \accumulators
.endm

/* Two weights in turn: each is loaded while the other one is used. */
.macro MACS first, second, others:vararg
  mul W, W, XV
  add \first, \first, W
  .ifnb \others
  .set offset, offset + 2
  lb W, offset(STREAM)
  .endif
  mul W1, W1, XV
  add \second, \second, W1
  .ifnb \others
  lb W1, offset + 1(STREAM)
  MACS \others
  .endif
.endm

.macro REQUANTISE_ALL is_signed, accumulators:vararg
  .irp acc, \accumulators
  REQUANTISE_WORD \is_signed, \acc, LEFT_SHIFT, MULTIPLIER, SIGN, OFFSET, SHIFT, RANGE, TMP
  .endr
.endm

.macro FULLY_CONNECTED name, group, accumulators:vararg
  FUNCTION \name
  addi sp, sp, -FRAME
  SAVE_REGISTERS ra, s0, s1, s2, s3
  .if \group > 4
  SAVE s4, 5
  SAVE s5, 6
  SAVE s6, 7
  SAVE s7, 8
  SAVE s8, 9
  SAVE s9, 10
  SAVE s10, 11
  SAVE s11, 12
  .endif
  mv PARAMS, a0
  mv INPUT, a1
  mv OUT, a2
  LOAD STREAM, FC_STREAM(PARAMS)
  lw LEFT, FC_OUTPUTS(PARAMS)
.Lgroup\@:
  lw K, FC_K(PARAMS)
  .set offset, 0
  .irp acc, \accumulators
  lw \acc, offset(STREAM)
  .set offset, offset + 4
  .endr
  addi STREAM, STREAM, 4 * \group
  mv X, INPUT
  .if \group > 4
  andi END, K, -8
  beqz END, .Lrest\@
  add END, END, X
.Lloop\@:
  .irp at, 0, 1, 2, 3, 4, 5, 6, 7
  STEP \group, \at, \accumulators
  .endr
  addi X, X, 8
  addi STREAM, STREAM, 8 * \group
  bne X, END, .Lloop\@
.Lrest\@:
  .endif
  add END, INPUT, K
  beq X, END, .Ldone\@
.Lone\@:
  STEP \group, 0, \accumulators
  addi X, X, 1
  addi STREAM, STREAM, \group
  bne X, END, .Lone\@
.Ldone\@:
#ifdef MLBENCH_TUNED_FULLY_CONNECTED_SIGNED
  lw SIGN, FC_SIGN(PARAMS)
#endif
  lw LEFT_SHIFT, FC_LEFT_SHIFT(PARAMS)
  lw MULTIPLIER, FC_MULTIPLIER(PARAMS)
  lw OFFSET, FC_OFFSET(PARAMS)
  lw SHIFT, FC_SHIFT(PARAMS)
  lw RANGE, FC_RANGE(PARAMS)
#ifdef MLBENCH_TUNED_FULLY_CONNECTED_SIGNED
  beqz SIGN, .Lunsigned\@
  REQUANTISE_ALL 1, \accumulators
  j .Lstore\@
.Lunsigned\@:
#endif
  REQUANTISE_ALL 0, \accumulators
.Lstore\@:
  lw TMP, FC_LOW(PARAMS)
  addi LEFT, LEFT, -\group
  .set offset, 0
  .irp acc, \accumulators
  add \acc, \acc, TMP
  sb \acc, offset(OUT)
  .set offset, offset + 1
  .endr
  blez LEFT, .Lend\@
  /* The next group, or the one that ends with the last output. */
  addi OUT, OUT, \group
  addi TMP, LEFT, -\group
  bgez TMP, .Lgroup\@
  add OUT, OUT, TMP
  j .Lgroup\@
.Lend\@:
  RESTORE_REGISTERS ra, s0, s1, s2, s3
  .if \group > 4
  RESTORE s4, 5
  RESTORE s5, 6
  RESTORE s6, 7
  RESTORE s7, 8
  RESTORE s8, 9
  RESTORE s9, 10
  RESTORE s10, 11
  RESTORE s11, 12
  .endif
  addi sp, sp, FRAME
  ret
  END_FUNCTION \name
.endm

  FULLY_CONNECTED mlbench_tuned_fully_connected_16, 16, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, a2, a3, a4, a5
  FULLY_CONNECTED mlbench_tuned_fully_connected_4, 4, s0, s1, s2, s3

#endif
