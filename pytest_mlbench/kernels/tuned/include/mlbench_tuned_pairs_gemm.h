/* Shared by the matrix products on the D unit, gemm_pairs.S and gemm_pairs_expanded.S: registers,
 * the multiply-adds of a pair, the outputs of a tile, the step from one group of channels to the
 * next. A tile is `n` pairs of positions by four channels: sum j + n * i belongs to pair j and
 * channel i of the group.
 */
#ifndef MLBENCH_TUNED_PAIRS_GEMM_H
#define MLBENCH_TUNED_PAIRS_GEMM_H

#include "mlbench_tuned_offsets.h"
#include "mlbench_tuned_pairs_asm.h"

#if defined(__riscv)

/* clang-format off */

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

/* Saved registers, the sums of a tile that is finished slowly; a multiple of 16. */
#define AT_RA (12 * 8 + 12 * XBYTES)
#define SUMS ((AT_RA + XBYTES + 7) & -8)
#define FRAME ((SUMS + 24 * 8 + 15) & -16)

/* FP registers: the weights of four channels and a pair of activations are in those that compressed
 * loads reach, which are m, m * 2^-23, c, d and the upper half of a sum at the end of a tile; f29 splits
 * sums, f30 is 2^-23, f31 is for anything. Sum `i` is in the i-th of the others. */
#define SUM(i) ((i) + 5 * (((i) + 8) / 16))

.macro FMADD acc, x, w
  fmadd.d f\acc, f\x, f\w, f\acc
.endm

/* Activation pair j, at s<base>, times four weights. */
.macro PAIR n, j, base, at
  fld f12, \at(s\base)
  FMADD %(SUM(\j)), 12, 8
  FMADD %(SUM(\j + \n)), 12, 9
  FMADD %(SUM(\j + 2 * \n)), 12, 10
  FMADD %(SUM(\j + 3 * \n)), 12, 11
.endm

/* f8 to f11 = the weights of tap k, which are int8. */
.macro INT8_WEIGHTS k
  lb T2, 4 * \k(W)
  lb T3, 4 * \k + 1(W)
  fcvt.d.w f8, T2
  fcvt.d.w f9, T3
  lb T2, 4 * \k + 2(W)
  lb T3, 4 * \k + 3(W)
  fcvt.d.w f10, T2
  fcvt.d.w f11, T3
.endm

.macro COPY to, from
  fmv.d f\to, f\from
.endm

.macro BIAS_OF acc, at
  fld f\acc, \at(CONSTANTS)
.endm

.macro BIASES n
  .set i, 0
  .rept 4
  BIAS_OF %(SUM(i * \n)), %(8 * i)
  .set j, 1
  .rept \n - 1
  COPY %(SUM(i * \n + j)), %(SUM(i * \n))
  .set j, j + 1
  .endr
  .set i, i + 1
  .endr
.endm

/* Where the assembler knows the bytes from a position's outputs to the next one's, they are part of
 * the addresses; else s0.. are the addresses of a, s6.. of b. */
#if defined(MLBENCH_TUNED_PAIRS_PITCH) && MLBENCH_TUNED_PAIRS_PITCH * 6 <= 2047

.macro ADDRESSES n
.endm

.macro STORE_BOTH store, j, i
  \store T2, MLBENCH_TUNED_PAIRS_PITCH * \j + \i(OUT_A)
  \store T3, MLBENCH_TUNED_PAIRS_PITCH * \j + \i(OUT_B)
.endm

.macro BEHIND n
  addi OUT_A, OUT_A, MLBENCH_TUNED_PAIRS_PITCH * \n
  addi OUT_B, OUT_B, MLBENCH_TUNED_PAIRS_PITCH * \n
.endm

#else

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

.macro STORE_BOTH store, j, i
  STORE_AT \store, \j, %(\j + 6), \i
.endm

.macro STORE_AT store, a, b, i
  \store T2, \i(s\a)
  \store T3, \i(s\b)
.endm

.macro BEHIND n
  BEHIND_LAST %(\n - 1), %(\n + 5)
.endm

.macro BEHIND_LAST a, b
  add OUT_A, s\a, OUT_PITCH
  add OUT_B, s\b, OUT_PITCH
.endm

#endif

/* Both outputs of accumulator acc, pair j, channel i. f8 m, f9 m * 2^-23, f10 c, f11 d. Where all
 * layers have whole words of channels, channel 3 is the first to be stored, as the uppermost byte of
 * a word, and the others follow over the rest of it. */
.macro OUTPUTS acc, j, i
#ifndef MLBENCH_TUNED_PAIRS_ANY_CHANNELS
  .if \i == 3
  UPPERMOST \acc, 12, 29, 8, 9, 10, 11, 31, T2, T3
  STORE_BOTH sw, \j, 0
  .exitm
  .endif
#endif
  REQUANTISE \acc, 12, 29, 8, 9, 10, 11, 31, T2, T3
  STORE_BOTH sb, \j, \i
.endm

.macro CHANNEL n, i
  fld f8, 32 + 8 * \i(CONSTANTS)
  fld f10, 64 + 8 * \i(CONSTANTS)
#ifdef MLBENCH_TUNED_PAIRS_SIGNED
  fld f11, 96 + 8 * \i(CONSTANTS)
#endif
  fmul.d f9, f8, f30
  .set j, 0
  .rept \n
  OUTPUTS %(SUM(j + \i * \n)), %j, \i
  .set j, j + 1
  .endr
.endm

.macro SPLIT_CONSTANTS
  lla T2, mlbench_tuned_pairs_constants
  fld f29, 0(T2)
  fld f30, 8(T2)
.endm

.macro CHANNELS n
  ADDRESSES \n
  .irp i, 3, 0, 1, 2
  CHANNEL \n, \i
  .endr
  BEHIND \n
.endm

.macro DUMP from, i
  fsd f\from, SUMS + 8 * \i(sp)
.endm

/* The outputs of a tile of n pairs, of which at least `sure` are wanted. */
.macro TILE_OUTPUTS n, sure
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
  DUMP %(SUM(j)), %j
  .set j, j + 1
  .endr
  li s3, \n
  jal ra, mlbench_tuned_gemm_pairs_finish
.Lstored\@:
  .endif
  addi LEFT, LEFT, -\n
.endm

.macro ENTER
  addi sp, sp, -FRAME
  STORE ra, AT_RA(sp)
  SAVE_FP 12, XBYTES
  lw RUN, FG_RUN(CALL)
  lw OUT_PITCH, FG_OUT_PITCH(CALL)
  LOAD CONSTANTS, FG_STREAM(CALL)
  LOAD OUT_A, FG_OUT_A(CALL)
  LOAD OUT_B, FG_OUT_B(CALL)
  SPLIT_CONSTANTS
.endm

.macro LEAVE
  RESTORE_FP 12, XBYTES
  LOAD ra, AT_RA(sp)
  addi sp, sp, FRAME
  ret
.endm

/* To label `group` if channels are left. The last four may overlap those before. */
.macro END_GROUP group
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
  bgtz T2, \group
.endm

/* clang-format on */

#endif /* __riscv */

#endif
