/* void mlbench_tuned_gemm_pairs_expanded(struct mlbench_tuned_pairs_call *call)
 *
 * As gemm_pairs.S, for rows of many pairs: their first tile makes doubles of the weights of four
 * channels, and the others read those. The 6 pairs of a tile lie side by side for each k, with one
 * pointer.
 *
 * Instructions per MAC of the inner loop: for each k, 6 fld of activations, 4 fld of weights and 24
 * fmadd for 48 MACs: 34 / 48 = 0.71; pointers and branch, 3 per 8 k, add less than 0.01. What is
 * left of a row goes to tiles of 3 and 2 pairs, 0.79 and 0.875. The first tile takes 42 per k and 4
 * per 4 k, 0.90. Per output: as in gemm_pairs.S, and about 0.5 for constants and pointers: a tile
 * begins with the bias as the addend of its first multiply-add.
 *
 * stream       as in gemm_pairs.S
 * doubles      the first tile, always of six pairs, makes doubles [k][4] of the weights
 * rows         the address of double [tile][k][6]
 */
#include "mlbench_tuned_pairs_gemm.h"

#if defined(__riscv)

.macro FMADD_FROM acc, x, w, start
  fmadd.d f\acc, f\x, f\w, f\start
.endm

.macro WEIGHTS k
  fld f8, 32 * \k(W)
  fld f9, 32 * \k + 8(W)
  fld f10, 32 * \k + 16(W)
  fld f11, 32 * \k + 24(W)
.endm

/* Pairs j of tap k, n of six. */
.macro PAIRS n, k
  .set j, 0
  .rept \n
  PAIR \n, %j, 0, %(48 * \k + 8 * j)
  .set j, j + 1
  .endr
.endm

.macro STEP n, k
  WEIGHTS \k
  PAIRS \n, \k
.endm

.macro ADVANCE k
  addi W, W, 32 * \k
  addi s0, s0, 48 * \k
.endm

/* The first of k: the last sum of each channel holds the bias, of all of them. */
.macro FIRST_BIASES n
  .set i, 0
  .rept 4
  BIAS_OF %(SUM(i * \n + \n - 1)), %(8 * i)
  .set i, i + 1
  .endr
.endm

.macro FIRST_PAIRS n
  .set j, 0
  .rept \n
  FIRST_PAIR \n, %j
  .set j, j + 1
  .endr
.endm

.macro FIRST_PAIR n, j
  fld f12, 8 * \j(s0)
  FMADD_FROM %(SUM(\j)), 12, 8, %(SUM(\n - 1))
  FMADD_FROM %(SUM(\j + \n)), 12, 9, %(SUM(2 * \n - 1))
  FMADD_FROM %(SUM(\j + 2 * \n)), 12, 10, %(SUM(3 * \n - 1))
  FMADD_FROM %(SUM(\j + 3 * \n)), 12, 11, %(SUM(4 * \n - 1))
.endm

/* `unroll`: 8, or 1 for tiles that are few. */
.macro MULTIPLY n, unroll
  mv W, FIRST_W
  mv s0, TILE_AT
  FIRST_BIASES \n
  WEIGHTS 0
  FIRST_PAIRS \n
  .if \unroll > 1
  bne W, END, .Lsecond\@
  .endif
  ADVANCE 1
  .if \unroll > 1
  j .Lone\@
.Lloop\@:
  STEP \n, 0
.Lsecond\@:
  .set k, 1
  .rept \unroll - 1
  STEP \n, %k
  .set k, k + 1
  .endr
  ADVANCE \unroll
  bne W, END, .Lloop\@
.Lone\@:
  .endif
  beq W, LAST_W, .Lend\@
.Lrest\@:
  STEP \n, 0
  ADVANCE 1
  bne W, LAST_W, .Lrest\@
.Lend\@:
.endm

/* The first tile makes the weights doubles, and keeps them for the others. */
.macro MULTIPLY_FIRST
  addi W, CONSTANTS, CONSTANT_BYTES
  mv s0, TILE_AT
  mv s1, FIRST_W
  andi s2, RUN, -32
  slli s2, s2, 2
  add s2, s2, FIRST_W
  FIRST_BIASES 6
  CONVERT 0
  FIRST_PAIRS 6
  bne s1, s2, .Lsecond\@
  CONVERT_ADVANCE 1
  j .Lone\@
.Lloop\@:
  CONVERT_STEP 0
.Lsecond\@:
  CONVERT_STEP 1
  CONVERT_STEP 2
  CONVERT_STEP 3
  CONVERT_ADVANCE 4
  bne s1, s2, .Lloop\@
.Lone\@:
  beq s1, LAST_W, .Lend\@
.Lrest\@:
  CONVERT_STEP 0
  CONVERT_ADVANCE 1
  bne s1, LAST_W, .Lrest\@
.Lend\@:
.endm

.macro CONVERT k
  INT8_WEIGHTS \k
  fsd f8, 32 * \k(s1)
  fsd f9, 32 * \k + 8(s1)
  fsd f10, 32 * \k + 16(s1)
  fsd f11, 32 * \k + 24(s1)
.endm

.macro CONVERT_STEP k
  CONVERT \k
  PAIRS 6, \k
.endm

.macro CONVERT_ADVANCE k
  addi W, W, 4 * \k
  addi s0, s0, 48 * \k
  addi s1, s1, 32 * \k
.endm

/* A tile of n pairs, of which at least `sure` are wanted. `multiplied`: a label behind the sums. */
.macro TILE n, unroll, sure, multiplied
  MULTIPLY \n, \unroll
  .ifnb \multiplied
\multiplied:
  .endif
  TILE_OUTPUTS \n, \sure
  .if \n == 6
  add TILE_AT, TILE_AT, TILE_BYTES
  .else
  addi TILE_AT, TILE_AT, 8 * \n
  .endif
.endm

  FUNCTION mlbench_tuned_gemm_pairs_expanded
  ENTER
  LOAD FIRST_W, FG_DOUBLES(CALL)
  andi END, RUN, -64
  slli END, END, 2
  add END, END, FIRST_W
  slli LAST_W, RUN, 2
  add LAST_W, LAST_W, FIRST_W
  li T2, 6
  mul TILE_BYTES, RUN, T2
.Lgroup:
  lw LEFT, FG_PAIRS(CALL)
  LOAD TILE_AT, FG_ROWS(CALL)
  LOAD TILE_AT, 0(TILE_AT)
  addi LEFT, LEFT, -6
  MULTIPLY_FIRST
  j .Lfirst
.Ltiles:
  TILE 6, 8, 6, .Lfirst
  bgez LEFT, .Ltiles
  addi LEFT, LEFT, 6
  addi T2, LEFT, -4
  beqz T2, .Ltwo
  li T2, 3
  blt LEFT, T2, .Ltwo
  TILE 3, 8, 3
.Ltwo:
  blez LEFT, .Lend
  TILE 2, 1, 1
  j .Ltwo
.Lend:
  END_GROUP .Lgroup
  LEAVE
  END_FUNCTION mlbench_tuned_gemm_pairs_expanded

#endif
