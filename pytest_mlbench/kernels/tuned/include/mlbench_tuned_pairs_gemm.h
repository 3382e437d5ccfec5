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

.macro FMADD acc, x, w
  fmadd.d f\acc, f\x, f\w, f\acc
.endm

/* Activation pair j, at s<base>, times four weights f24 to f27. */
.macro PAIR n, j, base, at
  fld f28, \at(s\base)
  FMADD %(\j), 28, 24
  FMADD %(\j + \n), 28, 25
  FMADD %(\j + 2 * \n), 28, 26
  FMADD %(\j + 3 * \n), 28, 27
.endm

/* f24 to f27 = the weights of tap k: int8, and the same made doubles before. */
.macro INT8_WEIGHTS k
  lb T2, 4 * \k(W)
  lb T3, 4 * \k + 1(W)
  fcvt.d.w f24, T2
  fcvt.d.w f25, T3
  lb T2, 4 * \k + 2(W)
  lb T3, 4 * \k + 3(W)
  fcvt.d.w f26, T2
  fcvt.d.w f27, T3
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
  BIAS_OF %(i * \n), %(8 * i)
  .set j, 1
  .rept \n - 1
  COPY %(i * \n + j), %(i * \n)
  .set j, j + 1
  .endr
  .set i, i + 1
  .endr
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
#ifdef MLBENCH_TUNED_PAIRS_SIGNED
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
  lla T2, mlbench_tuned_pairs_constants
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
  DUMP %j
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
