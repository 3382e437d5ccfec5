/* void mlbench_tuned_winograd_6(const struct mlbench_tuned_winograd_call *call)
 * void mlbench_tuned_winograd_4(the same)
 *
 * Winograd's F(2x2, 3x3) of pairs of tiles, for RV32 and RV64 with D. Of an image tile d of 4x4
 * pixels and a filter g, for every channel of the input:
 *
 *   values V = B^T d B     B^T = | 1  0 -1  0 |  weights U = (2 G) g (2 G)^T  2 G = | 2  0  0 |
 *                                | 0  1  1  0 |                                     | 1  1  1 |
 *                                | 0 -1  1  0 |                                     | 1 -1  1 |
 *                                | 0  1  0 -1 |                                     | 0  0  2 |
 *   sums M[ij] = sum over channels of V[ij] * U[ij]: 16 products where 2x2 outputs take 36
 *   4 * accumulators = A^T M A, A^T = | 1  1  1  0 |
 *                                     | 0  1 -1 -1 |
 *
 * As in gemm_pairs.S, a double holds two positions, here those of two tiles: x = a + b * 2^23.
 * Everything up to the four sums 4 * (A + B * 2^23) is linear: the halves may run into each other
 * on the way as long as every double is a whole number below 2^53 (winograd.py proves it from the
 * weights). Where |A| < 2^22, adding and subtracting 1.5 * 2^77 splits the sum; the factor 4 is in
 * the constants of the requantisation, which is that of gemm_pairs.S.
 *
 * Instructions. The product is a tile of 6 pairs by 4 channels: for each channel of the input, 6
 * fld, 4 weights of lh and fcvt.d.w, 24 fmadd, and 0.75 for pointers and branch (1.5 with
 * MLBENCH_TUNED_SMALL): 38.75 for 48 products that stand for 108 MACs, 0.359. A tile of 4 pairs:
 * 28.75 for 72, 0.399. 24 sums, 4 weights and a value are what 32 FP registers hold; the first
 * product of a sum is a multiplication, so that no sum has to be cleared.
 * Input (winograd_input.S): 53.5 for each pair of tiles and channel. Output: 16 fsd, 16 fld, 25
 * additions and 44 for the eight outputs of a pair of tiles (60 with d), 111 with pointers and loop.
 * Per MAC that is 0.74 / channels of the output, and 1.5 / channels of the input.
 *
 * values       double [input channel][tile][ij]
 * sums         double [ij][24], of which [4 channels][tiles] are used
 * stream       per group of four channels: double bias[4] (4 * bias in both halves), m[4], c[4],
 *              d[4]; int16 weights [ij][input channel][4]
 */
#include "mlbench_tuned_pairs_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define CALL a0
#define W a1
#define X a2
#define END a3
#define STEP_BYTES a4
#define SUMS a5
#define VALUES a6
#define VALUES_END a7
#define SPAN t0
#define T2 t1
#define T3 t2
#define COUNT t3
#define CHANNEL t4
#define LINK t5
#define CONSTANTS s0
#define LEFT s1
#define OUT_A s2
#define OUT_B s3
#define PITCH s4
#define TILES s5

#ifdef MLBENCH_TUNED_SMALL
#define UNROLL 2
#else
#define UNROLL 4
#endif

#define SUM_BYTES 192
#define MIDDLE (8 * SUM_BYTES)
#define SAVED 6
#define FRAME (12 * 8 + 8 * XBYTES)

/* One value, of a pair of tiles, times four weights f24 to f27. */
.macro VALUE operation, n, j, at
  fld f28, \at(X)
  \operation %(\j), 28, 24
  \operation %(\j + \n), 28, 25
  \operation %(\j + 2 * \n), 28, 26
  \operation %(\j + 3 * \n), 28, 27
.endm

.macro FMADD acc, x, w
  fmadd.d f\acc, f\x, f\w, f\acc
.endm

.macro FMUL acc, x, w
  fmul.d f\acc, f\x, f\w
.endm

/* Channel k of UNROLL; X points at the middle one's values, so that all offsets fit. */
.macro WINOGRAD_STEP operation, n, k
  lh T2, 8 * \k(W)
  lh T3, 8 * \k + 2(W)
  fcvt.d.w f24, T2
  fcvt.d.w f25, T3
  lh T2, 8 * \k + 4(W)
  lh T3, 8 * \k + 6(W)
  fcvt.d.w f26, T2
  fcvt.d.w f27, T3
  .set j, 0
  .rept \n
  VALUE \operation, \n, %j, %(128 * ((\k - UNROLL / 2) * \n + j))
  .set j, j + 1
  .endr
.endm

.macro STORE_SUM number
  fsd f\number, 8 * \number(SUMS)
.endm

.macro WINOGRAD n
  FUNCTION mlbench_tuned_winograd_\n
  jal LINK, .Lenter
  li TILES, \n
  lw T2, WG_STEPS(CALL)
  li SPAN, 4 * 128 * \n
  mul SPAN, SPAN, T2
  li STEP_BYTES, UNROLL * 128 * \n
.Lgroup\@:
  addi W, CONSTANTS, 128
  LOAD VALUES, WG_VALUES(CALL)
  LOAD SUMS, WG_SUMS(CALL)
  addi VALUES_END, VALUES, 128
.Lposition\@:
  addi X, VALUES, UNROLL / 2 * 128 * \n
  add END, X, SPAN
  WINOGRAD_STEP FMUL, \n, 0
  j .Lentry\@
.Lloop\@:
  WINOGRAD_STEP FMADD, \n, 0
.Lentry\@:
  .set k, 1
  .rept UNROLL - 1
  WINOGRAD_STEP FMADD, \n, %k
  .set k, k + 1
  .endr
  add X, X, STEP_BYTES
  addi W, W, 8 * UNROLL
  bne X, END, .Lloop\@
  .set i, 0
  .rept 4 * \n
  STORE_SUM %i
  .set i, i + 1
  .endr
  addi SUMS, SUMS, SUM_BYTES
  addi VALUES, VALUES, 8
  bne VALUES, VALUES_END, .Lposition\@
  jal LINK, .Loutputs
  bgtz LEFT, .Lgroup\@
  j .Lleave
  END_FUNCTION mlbench_tuned_winograd_\n
.endm

  WINOGRAD 6
  WINOGRAD 4

  .section .text.mlbench_tuned_winograd, "ax", @progbits
.Lenter:
  addi sp, sp, -FRAME
  SAVE_FP SAVED, XBYTES
  LOAD CONSTANTS, WG_STREAM(CALL)
  LOAD OUT_A, WG_OUT_A(CALL)
  LOAD OUT_B, WG_OUT_B(CALL)
  lw LEFT, WG_CHANNELS(CALL)
  mv PITCH, LEFT
  jr LINK

.Lleave:
  RESTORE_FP SAVED, XBYTES
  addi sp, sp, FRAME
  ret

/* Both outputs of sum acc. f24 m, f25 m * 2^-23, f26 c, f27 d. */
.macro OUTPUTS acc, a, b
  REQUANTISE \acc, 28, 29, 24, 25, 26, 27, 31, T2, T3
  sb T2, 0(\a)
  sb T3, 0(\b)
.endm

.macro SUM register, i, j
  fld f\register, SUM_BYTES * (4 * \i + \j) - MIDDLE(SUMS)
.endm

/* Column j of A^T M: f<j> and f<j + 4>. The bias goes with the sum that all four outputs have. */
.macro SUM_COLUMN j
  SUM 10, 0, \j
  SUM 11, 1, \j
  SUM 12, 2, \j
  SUM 13, 3, \j
  .if \j == 1
  fadd.d f11, f11, f23
  .endif
  fadd.d f14, f11, f12
  fsub.d f15, f11, f12
  SUM_COLUMN_INTO \j, %(\j + 4)
.endm

.macro SUM_COLUMN_INTO first, second
  fadd.d f\first, f10, f14
  fsub.d f\second, f15, f13
.endm

/* Sums y0, y1 of a row of A^T M. */
.macro SUM_ROW y0, y1, y2, y3
  fadd.d f10, f\y1, f\y2
  fsub.d f11, f\y1, f\y2
  fadd.d f\y0, f\y0, f10
  fsub.d f\y1, f11, f\y3
.endm

#define A_0 a1
#define A_1 a2
#define B_0 a3
#define B_1 a6

/* The outputs of four channels of all tiles; advances to the next group. */
.Loutputs:
  lla T2, .Lwinograd_constants
  fld f29, 0(T2)
  fld f30, 8(T2)
  mv a7, W
  LOAD SUMS, WG_SUMS(CALL)
  addi SUMS, SUMS, MIDDLE
  li CHANNEL, 4
.Lchannel_outputs:
  fld f23, 0(CONSTANTS)
  fld f24, 32(CONSTANTS)
  fld f26, 64(CONSTANTS)
#ifdef MLBENCH_TUNED_PAIRS_SIGNED
  fld f27, 96(CONSTANTS)
#endif
  fmul.d f25, f24, f30
  addi CONSTANTS, CONSTANTS, 8
  lw T2, WG_ROW(CALL)
  mv A_0, OUT_A
  mv B_0, OUT_B
  add A_1, A_0, T2
  add B_1, B_0, T2
  mv COUNT, TILES
.Ltile_outputs:
  SUM_COLUMN 0
  SUM_COLUMN 1
  SUM_COLUMN 2
  SUM_COLUMN 3
  SUM_ROW 0, 1, 2, 3
  SUM_ROW 4, 5, 6, 7
  OUTPUTS 0, A_0, B_0
  OUTPUTS 4, A_1, B_1
  add A_0, A_0, PITCH
  add A_1, A_1, PITCH
  add B_0, B_0, PITCH
  add B_1, B_1, PITCH
  OUTPUTS 1, A_0, B_0
  OUTPUTS 5, A_1, B_1
  add A_0, A_0, PITCH
  add A_1, A_1, PITCH
  add B_0, B_0, PITCH
  add B_1, B_1, PITCH
  addi SUMS, SUMS, 8
  addi COUNT, COUNT, -1
  bnez COUNT, .Ltile_outputs
  addi OUT_A, OUT_A, 1
  addi OUT_B, OUT_B, 1
  addi CHANNEL, CHANNEL, -1
  bnez CHANNEL, .Lchannel_outputs
  mv CONSTANTS, a7
  addi LEFT, LEFT, -4
  /* The last group ends with the last channel. */
  addi T2, LEFT, -4
  bgez T2, 1f
  blez LEFT, 1f
  add OUT_A, OUT_A, T2
  add OUT_B, OUT_B, T2
1:
  jr LINK

  .section .rodata.mlbench_tuned_winograd, "a", @progbits
  .balign 8
.Lwinograd_constants:
  .8byte 0x44c8000000000000 /* 1.5 * 2^77 */
  .8byte 0x3e80000000000000 /* 2^-23 */

#endif
