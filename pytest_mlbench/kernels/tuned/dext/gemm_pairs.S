/* void mlbench_tuned_gemm_pairs(struct mlbench_tuned_pairs_call *call)
 *
 * All output channels of a row of position pairs, four at a time, for RV32 and RV64 with D. Two
 * activations lie in one double, x = a + b * 2^23, so that one fused multiply-add is two MACs:
 *   sum = bias * (1 + 2^23) + sum_k weight[k] * x[k] = A + B * 2^23
 * Both are exact while |A| < 2^22 at the end and the sum stays below 2^53 (requantise/double.py
 * proves it from the weights). Adding and subtracting 1.5 * 2^75 rounds to a multiple of 2^23 and
 * splits them.
 *   output = floor((A * m + c + copysign(d, A)) saturated to 32 bits, / 2^24), B likewise
 * m, c, d hold the requantisation (d: halves below zero, only where they matter) times 2^24, so
 * that fcvt.w.d, rounding down, is floor and clamp to int8 at once. requantise/double.py proves that
 * the product and the sum are exact wherever the output is not clamped.
 *
 * Instructions per MAC of the inner loop: a tile is 6 pairs by 4 channels: for each k, 6 fld, 4
 * weights of lb and fcvt.d.w, and 24 fmadd for 48 MACs: 38 / 48 = 0.79; pointers and branch, 8 per
 * 8 k, add 0.02. The 32 FP registers are 24 sums, 4 weights and scratch. What is left of a row goes
 * to tiles of 4 and 2 pairs, 0.875 and 1.125. Per output: 5.25 (7.25 with d; 0.25
 * more if some layer's channels are not whole words) and about 1.2 for biases, constants and addresses;
 * 12 in the loop that serves tiles of which not all is wanted.
 *
 * stream       per four channels: double bias[4] (both halves), m[4], c[4], d[4]; int8 weight[k][4],
 *              filled up to whole doubles: `group_bytes`. The last four may overlap those before.
 * rows         the address of each run of k in the packed activations, `run` bytes of each
 */
#include "mlbench_tuned_pairs_gemm.h"

#if defined(__riscv)

.macro STEP n, k
  INT8_WEIGHTS \k
  .set j, 0
  .rept \n
  PAIR \n, %j, %j, %(8 * \k)
  .set j, j + 1
  .endr
.endm

.macro ADVANCE n, k
  addi W, W, 4 * \k
  .set j, 0
  .rept \n
  ADVANCE_ONE %j, %(8 * \k)
  .set j, j + 1
  .endr
.endm

.macro ADVANCE_ONE j, by
  addi s\j, s\j, \by
.endm

.macro POINTERS n
  .set j, 1
  .rept \n - 1
  POINTER %j, %(j - 1)
  .set j, j + 1
  .endr
.endm

.macro POINTER to, from
  add s\to, s\from, PITCH
.endm

/* All of k for the sums of n pairs. */
.macro MULTIPLY_RUNS n, unroll
  addi W, CONSTANTS, CONSTANT_BYTES
  LOAD ROW, FG_ROWS(CALL)
  lw RUNS, FG_RUNS(CALL)
.Lrun\@:
  LOAD s0, 0(ROW)
  addi ROW, ROW, XBYTES
  add s0, s0, OFFSET
  POINTERS \n
  andi END, RUN, -8 * \unroll
  add T2, s0, RUN
  beqz END, .Lone\@
  add END, END, s0
.Lloop\@:
  .set k, 0
  .rept \unroll
  STEP \n, %k
  .set k, k + 1
  .endr
  ADVANCE \n, \unroll
  bne s0, END, .Lloop\@
  LOAD T2, -XBYTES(ROW)
  add T2, T2, OFFSET
  add T2, T2, RUN
  beq s0, T2, .Lrun_end\@
.Lone\@:
  mv END, T2
.Lrest\@:
  STEP \n, 0
  ADVANCE \n, 1
  bne s0, END, .Lrest\@
.Lrun_end\@:
  addi RUNS, RUNS, -1
  bnez RUNS, .Lrun\@
.endm

/* A tile of n pairs, of which at least `sure` are wanted. */
.macro TILE n, unroll, sure
  BIASES \n
  MULTIPLY_RUNS \n, \unroll
  TILE_OUTPUTS \n, \sure
  li T2, \n
  mul T3, T2, PITCH
  add OFFSET, OFFSET, T3
.endm

  FUNCTION mlbench_tuned_gemm_pairs
  ENTER
  lw PITCH, FG_PITCH(CALL)
.Lgroup:
  lw LEFT, FG_PAIRS(CALL)
  li OFFSET, 0
.Ltiles:
  li T2, 6
  blt LEFT, T2, .Lfour
  /* Eight are two fours. */
  addi T2, LEFT, -8
  beqz T2, .Lfour
  TILE 6, 8, 6
  j .Ltiles
.Lfour:
  li T2, 3
  blt LEFT, T2, .Ltwo
  TILE 4, 8, 3
  j .Lfour
.Ltwo:
  blez LEFT, .Lend
  TILE 2, 2, 1
  j .Ltwo
.Lend:
  END_GROUP .Lgroup
  LEAVE
  END_FUNCTION mlbench_tuned_gemm_pairs

#endif
