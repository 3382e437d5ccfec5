/* void mlbench_tuned_xpulp_gemm_4x4(const struct mlbench_tuned_gemm *params,
 *                                   const int8_t *const *rows, int8_t *output)
 * void mlbench_tuned_xpulp_gemm_1x4(const struct mlbench_tuned_gemm *params, const int8_t *row,
 *                                   int8_t *output)
 *
 * All output channels of four positions (one), for the CV32E40P with COREV_PULP: four products of
 * an instruction (cv.sdotsp.b), loads that step on, a loop without branches. `rows` are four patches
 * of k int8, k a multiple of 4; output positions are `pitch` bytes apart.
 *
 * An output is made of its sum by two small products where the layer has these constants
 * (requantise/two_products.py), else as in gemm_5x4.S, by the upper half of a product
 * (MLBENCH_TUNED_XPULP_HIGH: some layer of the model needs that).
 *
 * Instructions of the loop, per four k: 4 + 4 loads and 16 products for 64 MACs, 0.375 per MAC, no
 * stall. Per output outside of it: 5 cycles for requantisation (8 by the upper half, 11 signed), 1
 * to pack and store, 1 for the start, and about 2 for constants and pointers.
 * One position: 1 + 4 loads and 4 products for 16 MACs, 0.5625 per MAC.
 *
 * stream   int32 bits, 0 for the upper half; then per group of four channels: int32 start[4]; int8
 *          weight[k / 4][4 channels][4 k]; int32 most[4], upper[4], offset[4]; uint16 lower[4]; int32
 *          advance. With bits 0 gemm_5x4.S's constants stand behind the weights.
 */
#include "mlbench_tuned_offsets.h"
#include "mlbench_tuned_xpulp_asm.h"

#if defined(__riscv) && __riscv_xlen == 32

  .option norvc

#define FRAME 80
#define AT_ROWS 52
#define AT_OUTPUT 56
#define AT_PARAMS 60
#define AT_BITS 64

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

/* Outputs of channel i, whose group's constants STREAM points at, by two products. */
.macro PRODUCTS i, accumulators:vararg
  lw X0, 4 * \i(STREAM)
  lw X1, 16 + 4 * \i(STREAM)
  lhu X2, 48 + 2 * \i(STREAM)
  lw X3, 32 + 4 * \i(STREAM)
  .irp acc, \accumulators
  CV_TWO_PRODUCTS \acc, X0, X1, X2, X3, COUNT, W0
  .endr
.endm

/* The same by the upper half; COUNT is the range. */
.macro CHANNEL is_signed, i, accumulators:vararg
  lw W0, 4 * \i(STREAM)
  lw W1, 16 + 4 * \i(STREAM)
  lbu X0, 32 + \i(STREAM)
  lbu X1, 36 + \i(STREAM)
  .if \is_signed
  lb X2, 40 + \i(STREAM)
  .endif
  .irp acc, \accumulators
  CV_REQUANTISE \is_signed, \acc, X1, W0, W1, X0, COUNT, X2, X3
  .endr
.endm

/* One position's four channels. */
.macro ONE channel, arguments:vararg
  \channel \arguments 0, A30
  \channel \arguments 1, A31
  \channel \arguments 2, A32
  \channel \arguments 3, A33
.endm

.macro TILE is_signed
  CHANNEL \is_signed, 0, A00, A01, A02, A03
  CHANNEL \is_signed, 1, A10, A11, A12, A13
  CHANNEL \is_signed, 2, A20, A21, A22, A23
  CHANNEL \is_signed, 3, A30, A31, A32, A33
.endm

/* Four channels of one position as one word. */
.macro PACK c0, c1, c2, c3
  CV_PACKLO_B \c0, \c1, \c0
  CV_PACKHI_B \c0, \c3, \c2
.endm

.macro PACK_TILE
  PACK A00, A10, A20, A30
  PACK A01, A11, A21, A31
  PACK A02, A12, A22, A32
  PACK A03, A13, A23, A33
.endm

  FUNCTION mlbench_tuned_xpulp_gemm_4x4
  addi sp, sp, -FRAME
  SAVE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  sw a1, AT_ROWS(sp)
  sw a2, AT_OUTPUT(sp)
  sw a0, AT_PARAMS(sp)
  lw STREAM, GEMM_STREAM(a0)
  CV_LW COUNT, STREAM, 4
  sw COUNT, AT_BITS(sp)
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

  lw COUNT, AT_BITS(sp)
#ifdef MLBENCH_TUNED_XPULP_HIGH
  lw W1, AT_PARAMS(sp)
  beqz COUNT, .Lhigh
#endif
  PRODUCTS 0, A00, A01, A02, A03
  PRODUCTS 1, A10, A11, A12, A13
  PRODUCTS 2, A20, A21, A22, A23
  PRODUCTS 3, A30, A31, A32, A33
  addi STREAM, STREAM, 12
  PACK_TILE
.Lstore:
  lw W1, AT_OUTPUT(sp)
  lw X0, AT_PARAMS(sp)
  lw X2, 44(STREAM)
  lw X1, GEMM_PITCH(X0)
  addi STREAM, STREAM, 48
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

#ifdef MLBENCH_TUNED_XPULP_HIGH
.Lhigh:
  lw COUNT, GEMM_RANGE(W1)
  lw W0, GEMM_SIGNED(W1)
  beqz W0, .Lunsigned
  TILE 1
  j .Lpack
.Lunsigned:
  TILE 0
.Lpack:
  lw W0, AT_PARAMS(sp)
  PACK_TILE
  lw W0, GEMM_LOW(W0)
  .irp word, A00, A01, A02, A03
  CV_ADD_SC_B \word, \word, W0
  .endr
  j .Lstore
#endif
  END_FUNCTION mlbench_tuned_xpulp_gemm_4x4

  FUNCTION mlbench_tuned_xpulp_gemm_1x4
  addi sp, sp, -16
  SAVE_REGISTERS ra, s0, s1, s2
  mv s0, a0 /* params */
  mv s1, a1 /* row */
  mv P3, a2 /* output */
  lw STREAM, GEMM_STREAM(a0)
  CV_LW s2, STREAM, 4 /* bits */
.Lone_group:
  lw COUNT, GEMM_WEIGHT_BYTES(s0)
  mv P0, s1
  .irp acc, A30, A31, A32, A33
  CV_LW \acc, STREAM, 4
  .endr
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

#ifdef MLBENCH_TUNED_XPULP_HIGH
  beqz s2, .Lone_high
#endif
  mv COUNT, s2
  ONE PRODUCTS
  addi STREAM, STREAM, 12
  PACK A30, A31, A32, A33
.Lone_store:
  lw X2, 44(STREAM)
  addi STREAM, STREAM, 48
  sw A30, 0(P3)
  add P3, P3, X2
  bnez X2, .Lone_group

  RESTORE_REGISTERS ra, s0, s1, s2
  addi sp, sp, 16
  ret

#ifdef MLBENCH_TUNED_XPULP_HIGH
.Lone_high:
  lw W0, GEMM_SIGNED(s0)
  lw COUNT, GEMM_RANGE(s0)
  beqz W0, .Lone_unsigned
  ONE CHANNEL, 1,
  j .Lone_pack
.Lone_unsigned:
  ONE CHANNEL, 0,
.Lone_pack:
  lw W0, GEMM_LOW(s0)
  PACK A30, A31, A32, A33
  CV_ADD_SC_B A30, A30, W0
  j .Lone_store
#endif
  END_FUNCTION mlbench_tuned_xpulp_gemm_1x4

#endif
