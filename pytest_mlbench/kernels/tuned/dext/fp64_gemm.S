/* void mlbench_tuned_fp64_gemm(struct mlbench_tuned_fp64_call *call)
 * void mlbench_tuned_fp64_gemm_expanded(the same)
 *
 * All output channels of a row of position pairs, four at a time, for RV32 and RV64 with D. Two
 * activations lie in one double, x = a + b * 2^23, so that one fused multiply-add is two MACs:
 *   sum = bias * (1 + 2^23) + sum_k weight[k] * x[k] = A + B * 2^23
 * Both are exact while |A| < 2^22 at the end and the sum stays below 2^53 (requantise/double.py proves
 * it from the weights). Adding and subtracting 1.5 * 2^75 rounds to a multiple of 2^23 and splits them.
 *   output = floor((A * m + c + copysign(d, A)) saturated to 32 bits, / 2^24), B likewise
 * m, c, d hold the requantisation (d: halves below zero, only where they matter) times 2^24, so
 * that fcvt.w.d, rounding down, is floor and clamp to int8 at once. requantise/double.py proves that the
 * product and the sum are exact wherever the output is not clamped.
 *
 * Instructions per MAC of the inner loop: a tile is 6 pairs by 4 channels: for each k, 6 fld, 4
 * weights (lb and fcvt.d.w, or one fld of weights that were expanded to doubles) and 24 fmadd for
 * 48 MACs: 38 / 48 = 0.79, expanded 34 / 48 = 0.71; pointers and branch, 8 per 8 k, add 0.02, or,
 * expanded, 3 per 8 k: the 6 pairs of a tile lie side by side for each k, with one pointer. The 32
 * FP registers are 24 sums, 4 weights and scratch. What is left of a row goes to tiles of 4 and 2
 * pairs, 0.875 and 1.125, or, expanded, of 3 and 2, 0.79 and 0.875. Per output: 5.5 (7.5 with d) and
 * about 1.2, expanded 0.7, for biases, constants and addresses: an expanded tile begins with the
 * bias as the addend of its first multiply-add. 12 in the loop that serves tiles of which not all
 * is wanted, small rather than fast.
 *
 * stream       per four channels: double bias[4] (both halves), m[4], c[4], d[4]; int8 weight[k][4],
 *              filled up to whole doubles: `group_bytes`. The last four may overlap those before.
 * doubles      expanded: the first tile, always of six pairs, makes doubles [k][4] of the weights
 * rows         the address of each run of k in the packed activations, `run` bytes of each;
 *              expanded: of double [tile][k][6]
 */
#include "mlbench_tuned_fp64_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define CONSTANT_BYTES 128

#define CALL a0
#define W a1
#define OFFSET a2
#define OUT_A a3
#define OUT_B a4
#define LEFT a5
#define CONSTANTS a6
#define PITCH a7
#define RUN t0
#define END t1
#define T2 t2
#define T3 t3
#define RUNS t4
#define ROW t5
#define OUT_PITCH t6
/* With expanded weights there is one run and no pitch. */
#define FIRST_W OFFSET
#define LAST_W RUNS
#define TILE_BYTES PITCH
#define TILE_AT ROW

#define SUMS (25 * 8)
#define FRAME (25 * 8 + 24 * 8 + 8)

.altmacro

.macro FMADD acc, x, w
  fmadd.d f\acc, f\x, f\w, f\acc
.endm

.macro FMADD_FROM acc, x, w, start
  fmadd.d f\acc, f\x, f\w, f\start
.endm

/* Activation pair j, at s<base>, times four weights f24 to f27. */
.macro PAIR n, j, base, at
  fld f28, \at(s\base)
  FMADD %(\j), 28, 24
  FMADD %(\j + \n), 28, 25
  FMADD %(\j + 2 * \n), 28, 26
  FMADD %(\j + 3 * \n), 28, 27
.endm

.macro FP_WEIGHTS expanded, k
  .if \expanded
  fld f24, 32 * \k(W)
  fld f25, 32 * \k + 8(W)
  fld f26, 32 * \k + 16(W)
  fld f27, 32 * \k + 24(W)
  .else
  lb T2, 4 * \k(W)
  lb T3, 4 * \k + 1(W)
  fcvt.d.w f24, T2
  fcvt.d.w f25, T3
  lb T2, 4 * \k + 2(W)
  lb T3, 4 * \k + 3(W)
  fcvt.d.w f26, T2
  fcvt.d.w f27, T3
  .endif
.endm

.macro FP_STEP expanded, n, k
  FP_WEIGHTS \expanded, \k
  .set j, 0
  .rept \n
  .if \expanded
  PAIR \n, %j, 0, %(48 * \k + 8 * j)
  .else
  PAIR \n, %j, %j, %(8 * \k)
  .endif
  .set j, j + 1
  .endr
.endm

.macro ADVANCE expanded, n, k
  .if \expanded
  addi W, W, 32 * \k
  addi s0, s0, 48 * \k
  .else
  addi W, W, 4 * \k
  .set j, 0
  .rept \n
  ADVANCE_ONE %j, %(8 * \k)
  .set j, j + 1
  .endr
  .endif
.endm

.macro ADVANCE_ONE j, by
  addi s\j, s\j, \by
.endm

.macro COPY to, from
  fmv.d f\to, f\from
.endm

.macro BIASES n
  .set i, 0
  .rept 4
  BIAS_OF %(i * \n), %(8 * i)
  .set j, 1
  .rept \n - 1
  COPY %(i * \n + j), %(i * \n)
  .set j, j + 1
  .endr
  .set i, i + 1
  .endr
.endm

.macro BIAS_OF acc, at
  fld f\acc, \at(CONSTANTS)
.endm

/* The first of k: the last sum of each channel holds the bias, of all of them. */
.macro FIRST_STEP n
  .set i, 0
  .rept 4
  BIAS_OF %(i * \n + \n - 1), %(8 * i)
  .set i, i + 1
  .endr
  FP_WEIGHTS 1, 0
  .set j, 0
  .rept \n
  FIRST_PAIR \n, %j
  .set j, j + 1
  .endr
.endm

.macro FIRST_PAIR n, j
  fld f28, 8 * \j(s0)
  FMADD_FROM %(\j), 28, 24, %(\n - 1)
  FMADD_FROM %(\j + \n), 28, 25, %(2 * \n - 1)
  FMADD_FROM %(\j + 2 * \n), 28, 26, %(3 * \n - 1)
  FMADD_FROM %(\j + 3 * \n), 28, 27, %(4 * \n - 1)
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

/* Addresses: of a in s0.., of b in s6... */
.macro ADDRESSES n
  mv s0, OUT_A
  mv s6, OUT_B
  .set j, 1
  .rept \n - 1
  ADDRESS %j, %(j - 1), %(j + 6), %(j + 5)
  .set j, j + 1
  .endr
.endm

.macro ADDRESS a, a_from, b, b_from
  add s\a, s\a_from, OUT_PITCH
  add s\b, s\b_from, OUT_PITCH
.endm

/* Both outputs of accumulator acc. f24 m, f25 m * 2^-23, f26 c, f27 d. */
.macro OUTPUTS acc, a, b, i
  REQUANTISE \acc, 28, 29, 24, 25, 26, 27, 31, T2, T3
  sb T2, \i(s\a)
  sb T3, \i(s\b)
.endm

.macro CHANNEL n, i
  fld f24, 32 + 8 * \i(CONSTANTS)
  fld f26, 64 + 8 * \i(CONSTANTS)
#ifdef MLBENCH_TUNED_FP64_SIGNED
  fld f27, 96 + 8 * \i(CONSTANTS)
#endif
  fmul.d f25, f24, f30
  .set j, 0
  .rept \n
  OUTPUTS %(j + \i * \n), %j, %(j + 6), \i
  .set j, j + 1
  .endr
.endm

.macro SPLIT_CONSTANTS
  lla T2, .Lfp64_constants
  fld f29, 0(T2)
  fld f30, 8(T2)
.endm

.macro CHANNELS n
  ADDRESSES \n
  .set i, 0
  .rept 4
  CHANNEL \n, %i
  .set i, i + 1
  .endr
  BEHIND %(\n - 1), %(\n + 5)
.endm

.macro BEHIND a, b
  add OUT_A, s\a, OUT_PITCH
  add OUT_B, s\b, OUT_PITCH
.endm

.macro DUMP number
  fsd f\number, SUMS + 8 * \number(sp)
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
  FP_STEP 0, \n, %k
  .set k, k + 1
  .endr
  ADVANCE 0, \n, \unroll
  bne s0, END, .Lloop\@
  LOAD T2, -XBYTES(ROW)
  add T2, T2, OFFSET
  add T2, T2, RUN
  beq s0, T2, .Lrun_end\@
.Lone\@:
  mv END, T2
.Lrest\@:
  FP_STEP 0, \n, 0
  ADVANCE 0, \n, 1
  bne s0, END, .Lrest\@
.Lrun_end\@:
  addi RUNS, RUNS, -1
  bnez RUNS, .Lrun\@
.endm

/* `unroll`: 8, or 1 for tiles that are few. */
.macro MULTIPLY_EXPANDED n, unroll
  mv W, FIRST_W
  mv s0, TILE_AT
  FIRST_STEP \n
  .if \unroll > 1
  bne W, END, .Lsecond\@
  .endif
  ADVANCE 1, \n, 1
  .if \unroll > 1
  j .Lone\@
.Lloop\@:
  FP_STEP 1, \n, 0
.Lsecond\@:
  .set k, 1
  .rept \unroll - 1
  FP_STEP 1, \n, %k
  .set k, k + 1
  .endr
  ADVANCE 1, \n, \unroll
  bne W, END, .Lloop\@
.Lone\@:
  .endif
  beq W, LAST_W, .Lend\@
.Lrest\@:
  FP_STEP 1, \n, 0
  ADVANCE 1, \n, 1
  bne W, LAST_W, .Lrest\@
.Lend\@:
.endm

/* The first tile makes the weights doubles, and keeps them for the others. */
.macro MULTIPLY_FIRST
  addi W, CONSTANTS, CONSTANT_BYTES
  mv s0, TILE_AT
  mv s1, FIRST_W
  BIASES 6
  andi T2, RUN, 8
  beqz T2, .Lloop\@
  CONVERT_STEP 0
  CONVERT_ADVANCE 1
  beq s1, LAST_W, .Lend\@
.Lloop\@:
  CONVERT_STEP 0
  CONVERT_STEP 1
  CONVERT_ADVANCE 2
  bne s1, LAST_W, .Lloop\@
.Lend\@:
.endm

.macro CONVERT_STEP k
  FP_WEIGHTS 0, \k
  fsd f24, 32 * \k(s1)
  fsd f25, 32 * \k + 8(s1)
  fsd f26, 32 * \k + 16(s1)
  fsd f27, 32 * \k + 24(s1)
  .set j, 0
  .rept 6
  PAIR 6, %j, 0, %(48 * \k + 8 * j)
  .set j, j + 1
  .endr
.endm

.macro CONVERT_ADVANCE k
  addi W, W, 4 * \k
  addi s0, s0, 48 * \k
  addi s1, s1, 32 * \k
.endm

/* A tile of n pairs, of which at least `sure` are wanted. `multiplied`: a label behind the sums. */
.macro TILE expanded, n, unroll, sure, multiplied
  .if \expanded
  MULTIPLY_EXPANDED \n, \unroll
  .ifnb \multiplied
\multiplied:
  .endif
  .else
  BIASES \n
  MULTIPLY_RUNS \n, \unroll
  .endif
  .if \n > 2
  .if \sure < \n
  li T2, \n
  blt LEFT, T2, .Lpartial\@
  .endif
  CHANNELS \n
  .endif
  .if \sure < \n
  .if \n > 2
  j .Lstored\@
.Lpartial\@:
  .endif
  .set j, 0
  .rept 4 * \n
  DUMP %j
  .set j, j + 1
  .endr
  li s3, \n
  jal ra, .Lfinish
  li T2, \n
  mul T3, T2, OUT_PITCH
  add OUT_A, OUT_A, T3
  add OUT_B, OUT_B, T3
.Lstored\@:
  .endif
  addi LEFT, LEFT, -\n
  .if \expanded == 0
  li T2, \n
  mul T3, T2, PITCH
  add OFFSET, OFFSET, T3
  .elseif \n == 6
  add TILE_AT, TILE_AT, TILE_BYTES
  .else
  addi TILE_AT, TILE_AT, 8 * \n
  .endif
.endm

/* The outputs of 4 by s3 sums that were stored at SUMS, and only those that are wanted. */
  .section .text.mlbench_tuned_fp64_finish, "ax", @progbits
.Lfinish:
  SPLIT_CONSTANTS
  fmv.d f23, f30
  addi s0, sp, SUMS
  mv s2, CONSTANTS
  li s1, 4
  mv s4, OUT_A
  mv s5, OUT_B
.Lfinish_channel:
  fld f24, 32(s2)
  fmul.d f25, f24, f23
  fld f26, 64(s2)
  fld f27, 96(s2)
  addi s2, s2, 8
  mv s6, s4
  mv s7, s5
  li s8, 0
.Lfinish_pair:
  fld f0, 0(s0)
  addi s0, s0, 8
  REQUANTISE 0, 28, 29, 24, 25, 26, 27, 31, T2, T3
  bge s8, LEFT, 1f
  sb T2, 0(s6)
  sb T3, 0(s7)
1:
  add s6, s6, OUT_PITCH
  add s7, s7, OUT_PITCH
  addi s8, s8, 1
  bne s8, s3, .Lfinish_pair
  addi s4, s4, 1
  addi s5, s5, 1
  addi s1, s1, -1
  bnez s1, .Lfinish_channel
  ret

  .section .rodata.mlbench_tuned_fp64, "a", @progbits
  .balign 8
.Lfp64_constants:
  .8byte 0x44a8000000000000 /* 1.5 * 2^75 */
  .8byte 0x3e80000000000000 /* 2^-23 */

.macro FP64_GEMM name, expanded
  FUNCTION \name
  addi sp, sp, -FRAME
  STORE ra, 192(sp)
  .set slot, 0
  .rept 12
  SAVE_FP %slot
  STORE_SLOT %slot
  .set slot, slot + 1
  .endr
  lw RUN, FG_RUN(CALL)
  lw OUT_PITCH, FG_OUT_PITCH(CALL)
  LOAD CONSTANTS, FG_STREAM(CALL)
  .if \expanded
  LOAD FIRST_W, FG_DOUBLES(CALL)
  andi END, RUN, -64
  slli END, END, 2
  add END, END, FIRST_W
  slli LAST_W, RUN, 2
  add LAST_W, LAST_W, FIRST_W
  li T2, 6
  mul TILE_BYTES, RUN, T2
  .else
  lw PITCH, FG_PITCH(CALL)
  .endif
.Lgroup\@:
  lw LEFT, FG_PAIRS(CALL)
  LOAD OUT_A, FG_OUT_A(CALL)
  LOAD OUT_B, FG_OUT_B(CALL)
  SPLIT_CONSTANTS
  .if \expanded
  LOAD TILE_AT, FG_ROWS(CALL)
  LOAD TILE_AT, 0(TILE_AT)
  addi LEFT, LEFT, -6
  MULTIPLY_FIRST
  j .Lfirst\@
.Ltiles\@:
  TILE 1, 6, 8, 6, .Lfirst\@
  bgez LEFT, .Ltiles\@
.Lfour\@:
  addi LEFT, LEFT, 6
  addi T2, LEFT, -4
  beqz T2, .Ltwo\@
  li T2, 3
  blt LEFT, T2, .Ltwo\@
  TILE 1, 3, 8, 3
.Ltwo\@:
  blez LEFT, .Lend\@
  TILE 1, 2, 1, 1
  j .Ltwo\@
  .else
  li OFFSET, 0
.Ltiles\@:
  li T2, 6
  blt LEFT, T2, .Lfour\@
  /* Eight are two fours. */
  addi T2, LEFT, -8
  beqz T2, .Lfour\@
  TILE 0, 6, 8, 6
  j .Ltiles\@
.Lfour\@:
  li T2, 3
  blt LEFT, T2, .Ltwo\@
  TILE 0, 4, 8, 3
  j .Lfour\@
.Ltwo\@:
  blez LEFT, .Lend\@
  TILE 0, 2, 2, 1
  j .Ltwo\@
  .endif
.Lend\@:
  /* The last four channels may overlap those before. */
  lw T2, FG_CHANNELS(CALL)
  lw T3, FG_GROUP_BYTES(CALL)
  addi T2, T2, -4
  sw T2, FG_CHANNELS(CALL)
  add CONSTANTS, CONSTANTS, T3
  LOAD OUT_A, FG_OUT_A(CALL)
  LOAD OUT_B, FG_OUT_B(CALL)
  li T3, 4
  bge T2, T3, .Llast\@
  mv T3, T2
.Llast\@:
  add OUT_A, OUT_A, T3
  add OUT_B, OUT_B, T3
  STORE OUT_A, FG_OUT_A(CALL)
  STORE OUT_B, FG_OUT_B(CALL)
  bgtz T2, .Lgroup\@
  .set slot, 0
  .rept 12
  RESTORE_FP %slot
  RESTORE_SLOT %slot
  .set slot, slot + 1
  .endr
  LOAD ra, 192(sp)
  addi sp, sp, FRAME
  ret
  END_FUNCTION \name
.endm

.macro STORE_SLOT number
  STORE s\number, 96 + 8 * \number(sp)
.endm

.macro RESTORE_SLOT number
  LOAD s\number, 96 + 8 * \number(sp)
.endm

  FP64_GEMM mlbench_tuned_fp64_gemm, 0
  FP64_GEMM mlbench_tuned_fp64_gemm_expanded, 1

#endif
