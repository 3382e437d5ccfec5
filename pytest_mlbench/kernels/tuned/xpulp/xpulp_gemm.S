/* void mlbench_tuned_xpulp_gemm_4x4(const struct mlbench_tuned_gemm *params,
 *                                   const int8_t *const *rows, int8_t *output)
 * void mlbench_tuned_xpulp_gemm_1x4(const struct mlbench_tuned_gemm *params, const int8_t *row,
 *                                   int8_t *output)
 *
 * All output channels of four positions (one), for the CV32E40P with COREV_PULP: four products per
 * instruction (cv.sdotsp.b), post-increment loads, a hardware loop. `rows` are four patches
 * of k int8, k a multiple of 4; output positions are `pitch` bytes apart.
 *
 * The sum is requantised by two small products if the layer has these constants
 * (requantise/two_products.py), straight or bent (MLBENCH_TUNED_XPULP_BENT: some layer of the model
 * needs that), else as in gemm_5x4.S, by the upper half of a product (MLBENCH_TUNED_XPULP_HIGH).
 *
 * Instructions of the loop, per four k: 4 + 4 loads and 16 products for 64 MACs, 0.375 per MAC, no
 * stall. Per output outside of it: 5 cycles for requantisation (7 bent; 8 by the upper half, 11
 * signed), 1 to pack and store, 1 for the start, and about 2 for constants and pointers.
 * One position: 1 + 4 loads and 4 products for 16 MACs, 0.5625 per MAC.
 *
 * stream   int32 bits, 0 for the upper half, bits - 32 for bent lines (a shift takes the lower five
 *          bits of them); then per group of four channels: int32 start[4]; int8 weight[k / 4]
 *          [4 channels][4 k]; int32 most[4], upper[4], offset[4]; uint16 lower[4]; bent: int32
 *          bend[4], below[4]; int32 advance. With bits 0 gemm_5x4.S's constants stand behind the weights.
 */
#include "mlbench_tuned_offsets.h"
#include "mlbench_tuned_xpulp_gemm_asm.h"

#if defined(__riscv) && __riscv_xlen == 32

  .option norvc

#define FRAME 80
#define AT_ROWS 52
#define AT_OUTPUT 56
#define AT_PARAMS 60
#define AT_BITS 64

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
  lw W0, GEMM_WEIGHT_BYTES(X1)
  lw COUNT, AT_BITS(sp)
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
  srli W0, W0, 4
  .balign 4
  CV_LOOP W0, 24
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

#ifdef MLBENCH_TUNED_XPULP_HIGH
  beqz COUNT, .Lhigh
#endif
#ifdef MLBENCH_TUNED_XPULP_BENT
  bltz COUNT, .Lbent
#endif
  TILE PRODUCTS
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

#ifdef MLBENCH_TUNED_XPULP_BENT
.Lbent:
  TILE BENT
  addi STREAM, STREAM, 44
  PACK_TILE
  j .Lstore
#endif
#ifdef MLBENCH_TUNED_XPULP_HIGH
.Lhigh:
  lw W1, AT_PARAMS(sp)
  lw COUNT, GEMM_RANGE(W1)
  lw W0, GEMM_SIGNED(W1)
  beqz W0, .Lunsigned
  TILE CHANNEL, 1,
  j .Lpack
.Lunsigned:
  TILE CHANNEL, 0,
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
#ifdef MLBENCH_TUNED_XPULP_BENT
  bltz s2, .Lone_bent
#endif
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

#ifdef MLBENCH_TUNED_XPULP_BENT
.Lone_bent:
  ONE BENT
  addi STREAM, STREAM, 44
  PACK A30, A31, A32, A33
  j .Lone_store
#endif
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
