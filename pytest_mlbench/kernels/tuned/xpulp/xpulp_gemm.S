/* void mlbench_tuned_xpulp_gemm_4x4(const struct mlbench_tuned_gemm *params,
 *                                   const int8_t *const *rows, int8_t *output)
 * void mlbench_tuned_xpulp_gemm_1x4(const struct mlbench_tuned_gemm *params, const int8_t *row,
 *                                   int8_t *output)
 *
 * All output channels of four positions (one), for the CV32E40P with COREV_PULP: the arithmetic of
 * gemm_5x4.S, four products of an instruction (cv.sdotsp.b), loads that step on, a loop without
 * branches. `rows` are four patches of k int8, k a multiple of 4; output positions are `pitch`
 * bytes apart.
 *
 * Instructions of the loop, per four k: 4 + 4 loads and 16 products for 64 MACs, 0.375 per MAC, no
 * stall. Per output outside of it: 8 cycles for requantisation (11 signed), 1 to pack and store, 1
 * for the start, and about 2 for constants and pointers.
 * One position: 1 + 4 loads and 4 products for 16 MACs, 0.5625 per MAC.
 *
 * stream   per group of four channels: int32 bias[4]; int8 weight[k / 4][4 channels][4 k]; int32
 *          multiplier[4]; int32 add[4]; uint8 shift[4]; uint8 pre[4]; int8 sign[4]; int32 advance:
 *          see gemm_5x4.S.
 */
#include "mlbench_tuned_offsets.h"
#include "mlbench_tuned_xpulp_asm.h"

#if defined(__riscv) && __riscv_xlen == 32

  .option norvc

#define FRAME 80
#define AT_ROWS 52
#define AT_OUTPUT 56
#define AT_PARAMS 60

#define STREAM a0
#define X0 a1
#define X1 a2
#define X2 a3
#define X3 ra
#define W0 t0
#define W1 t1
#define COUNT t2
#define P0 t3
#define P1 t4
#define P2 t5
#define P3 t6

/* Accumulators, by channel and position. */
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
#define A30 a4
#define A31 a5
#define A32 a6
#define A33 a7

.macro FOUR w, a0, a1, a2, a3
  CV_SDOTSP_B \a0, \w, X0
  CV_SDOTSP_B \a1, \w, X1
  CV_SDOTSP_B \a2, \w, X2
  CV_SDOTSP_B \a3, \w, X3
.endm

/* Four positions of channel i, whose group's constants STREAM points at. */
.macro CHANNEL is_signed, i, a0, a1, a2, a3
  lw W0, 4 * \i(STREAM)
  lw W1, 16 + 4 * \i(STREAM)
  lbu X0, 32 + \i(STREAM)
  lbu X1, 36 + \i(STREAM)
  .if \is_signed
  lb X2, 40 + \i(STREAM)
  .endif
  CV_REQUANTISE \is_signed, \a0, X1, W0, W1, X0, COUNT, X2, X3
  CV_REQUANTISE \is_signed, \a1, X1, W0, W1, X0, COUNT, X2, X3
  CV_REQUANTISE \is_signed, \a2, X1, W0, W1, X0, COUNT, X2, X3
  CV_REQUANTISE \is_signed, \a3, X1, W0, W1, X0, COUNT, X2, X3
.endm

.macro TILE is_signed
  CHANNEL \is_signed, 0, A00, A01, A02, A03
  CHANNEL \is_signed, 1, A10, A11, A12, A13
  CHANNEL \is_signed, 2, A20, A21, A22, A23
  CHANNEL \is_signed, 3, A30, A31, A32, A33
.endm

/* Four channels of one position as one word, the lower bound W0 added to each. */
.macro POSITION c0, c1, c2, c3
  CV_PACKLO_B \c0, \c1, \c0
  CV_PACKHI_B \c0, \c3, \c2
  CV_ADD_SC_B \c0, \c0, W0
.endm

  FUNCTION mlbench_tuned_xpulp_gemm_4x4
  addi sp, sp, -FRAME
  SAVE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  sw a1, AT_ROWS(sp)
  sw a2, AT_OUTPUT(sp)
  sw a0, AT_PARAMS(sp)
  lw STREAM, GEMM_STREAM(a0)
.Lgroup:
  lw X0, AT_ROWS(sp)
  lw X1, AT_PARAMS(sp)
  lw P0, 0(X0)
  lw P1, 4(X0)
  lw P2, 8(X0)
  lw P3, 12(X0)
  lw COUNT, GEMM_WEIGHT_BYTES(X1)
  CV_LW A00, STREAM, 4
  CV_LW A10, STREAM, 4
  CV_LW A20, STREAM, 4
  CV_LW A30, STREAM, 4
  .irp acc, A01, A02, A03
  mv \acc, A00
  .endr
  .irp acc, A11, A12, A13
  mv \acc, A10
  .endr
  .irp acc, A21, A22, A23
  mv \acc, A20
  .endr
  .irp acc, A31, A32, A33
  mv \acc, A30
  .endr
  srli COUNT, COUNT, 4
  .balign 4
  CV_LOOP COUNT, 24
  CV_LW W0, STREAM, 4
  CV_LW X0, P0, 4
  CV_LW X1, P1, 4
  CV_LW X2, P2, 4
  CV_LW X3, P3, 4
  CV_LW W1, STREAM, 4
  FOUR W0, A00, A01, A02, A03
  CV_LW W0, STREAM, 4
  FOUR W1, A10, A11, A12, A13
  CV_LW W1, STREAM, 4
  FOUR W0, A20, A21, A22, A23
  FOUR W1, A30, A31, A32, A33

  lw W1, AT_PARAMS(sp)
  nop
  lw COUNT, GEMM_RANGE(W1)
  lw W0, GEMM_SIGNED(W1)
  nop
  beqz W0, .Lunsigned
  TILE 1
  j .Lstore
.Lunsigned:
  TILE 0
.Lstore:
  lw X0, AT_PARAMS(sp)
  lw W1, AT_OUTPUT(sp)
  lw W0, GEMM_LOW(X0)
  lw X1, GEMM_PITCH(X0)
  lw X2, 44(STREAM)
  addi STREAM, STREAM, 48
  POSITION A00, A10, A20, A30
  POSITION A01, A11, A21, A31
  POSITION A02, A12, A22, A32
  POSITION A03, A13, A23, A33
  add X3, W1, X2
  sw X3, AT_OUTPUT(sp)
  sw A00, 0(W1)
  add W1, W1, X1
  sw A01, 0(W1)
  add W1, W1, X1
  sw A02, 0(W1)
  add W1, W1, X1
  sw A03, 0(W1)
  bnez X2, .Lgroup

  RESTORE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  addi sp, sp, FRAME
  ret
  END_FUNCTION mlbench_tuned_xpulp_gemm_4x4

  FUNCTION mlbench_tuned_xpulp_gemm_1x4
  addi sp, sp, -16
  sw ra, 0(sp)
  sw s0, 4(sp)
  sw s1, 8(sp)
  mv s0, a0 /* params */
  mv s1, a1 /* row */
  mv P3, a2 /* output */
  lw STREAM, GEMM_STREAM(a0)
.Lone_group:
  lw COUNT, GEMM_WEIGHT_BYTES(s0)
  mv P0, s1
  CV_LW A30, STREAM, 4
  CV_LW A31, STREAM, 4
  CV_LW A32, STREAM, 4
  CV_LW A33, STREAM, 4
  srli COUNT, COUNT, 4
  .balign 4
  CV_LOOP COUNT, 9
  CV_LW X0, P0, 4
  CV_LW W0, STREAM, 4
  CV_LW W1, STREAM, 4
  CV_LW X1, STREAM, 4
  CV_LW X2, STREAM, 4
  CV_SDOTSP_B A30, W0, X0
  CV_SDOTSP_B A31, W1, X0
  CV_SDOTSP_B A32, X1, X0
  CV_SDOTSP_B A33, X2, X0

  lw COUNT, GEMM_RANGE(s0)
  lw W0, GEMM_SIGNED(s0)
  nop
  beqz W0, .Lone_unsigned
  .set .Li, 0
  .irp acc, A30, A31, A32, A33
  lw W0, 4 * .Li(STREAM)
  lw W1, 16 + 4 * .Li(STREAM)
  lbu X0, 32 + .Li(STREAM)
  lbu X1, 36 + .Li(STREAM)
  lb X2, 40 + .Li(STREAM)
  CV_REQUANTISE 1, \acc, X1, W0, W1, X0, COUNT, X2, X3
  .set .Li, .Li + 1
  .endr
  j .Lone_store
.Lone_unsigned:
  .set .Li, 0
  .irp acc, A30, A31, A32, A33
  lw W0, 4 * .Li(STREAM)
  lbu X1, 36 + .Li(STREAM)
  lw W1, 16 + 4 * .Li(STREAM)
  lbu X0, 32 + .Li(STREAM)
  CV_REQUANTISE 0, \acc, X1, W0, W1, X0, COUNT, X2, X3
  .set .Li, .Li + 1
  .endr
.Lone_store:
  lw W0, GEMM_LOW(s0)
  lw X2, 44(STREAM)
  addi STREAM, STREAM, 48
  POSITION A30, A31, A32, A33
  sw A30, 0(P3)
  add P3, P3, X2
  bnez X2, .Lone_group

  lw ra, 0(sp)
  lw s0, 4(sp)
  lw s1, 8(sp)
  addi sp, sp, 16
  ret
  END_FUNCTION mlbench_tuned_xpulp_gemm_1x4

#endif
