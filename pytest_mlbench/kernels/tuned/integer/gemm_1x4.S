/* void mlbench_tuned_gemm_1x4(const struct mlbench_tuned_gemm *params, const int8_t *packed,
 *                             int8_t *output)
 *
 * gemm_5x4.S for one position: it serves one to three that are left over. Instructions per MAC of the
 * inner loop: (1 + 4 + 2 * 4) / 4 = 3.25, with the loop 3.5; a tile of five would cost 12.3 in all.
 *
 * packed   the position's words are five words apart, as in gemm_5x4.S
 */
#include "mlbench_tuned_gemm_asm.h"

#if defined(__riscv)

#define A0 s0
#define A1 s5
#define A2 s10
#define A3 a5

.macro STEP w, x
  lb XV, \x(X)
  lb W0, \w(STREAM)
  lb W2, \w + 1(STREAM)
  lb W3, \w + 2(STREAM)
  lb PRODUCT, \w + 3(STREAM)
  mul W0, W0, XV
  add A0, A0, W0
  mul W2, W2, XV
  add A1, A1, W2
  mul W3, W3, XV
  add A2, A2, W3
  mul PRODUCT, PRODUCT, XV
  add A3, A3, PRODUCT
.endm

  FUNCTION mlbench_tuned_gemm_1x4
  addi sp, sp, -FRAME
  SAVE ra, 0
  SAVE s0, 1
  SAVE s5, 6
  SAVE s10, 11
  STORE a0, AT_PARAMS(sp)
  STORE a1, AT_PACKED(sp)
  STORE a2, AT_OUTPUT(sp)
  LOAD STREAM, GEMM_STREAM(a0)
.Lgroup:
  LOAD t0, AT_PARAMS(sp)
  LOAD X, AT_PACKED(sp)
  lw t1, GEMM_WEIGHT_BYTES(t0)
  lw A0, 0(STREAM)
  lw A1, 4(STREAM)
  lw A2, 8(STREAM)
  lw A3, 12(STREAM)
  addi STREAM, STREAM, 16
  add W1, t1, STREAM
.Lloop:
  STEP 0, 0
  STEP 4, 1
  STEP 8, 2
  STEP 12, 3
  addi STREAM, STREAM, 16
  addi X, X, 20
  bne STREAM, W1, .Lloop

  LOAD t0, AT_PARAMS(sp)
  lw W3, GEMM_RANGE(t0)
#ifdef MLBENCH_TUNED_GEMM_SIGNED
  lw t1, GEMM_SIGNED(t0)
  beqz t1, .Lunsigned
  CHANNEL 1, 0, A0
  CHANNEL 1, 1, A1
  CHANNEL 1, 2, A2
  CHANNEL 1, 3, A3
  j .Lstore
.Lunsigned:
#endif
  CHANNEL 0, 0, A0
  CHANNEL 0, 1, A1
  CHANNEL 0, 2, A2
  CHANNEL 0, 3, A3
.Lstore:
  LOAD W1, AT_PARAMS(sp)
  LOAD W0, AT_OUTPUT(sp)
  lw X, 44(STREAM)
  lw W2, GEMM_LOW(W1)
  add PRODUCT, W0, X
  STORE PRODUCT, AT_OUTPUT(sp)
  STORE_POSITION A0, A1, A2, A3
  addi STREAM, STREAM, 48
  bnez X, .Lgroup

  RESTORE ra, 0
  RESTORE s0, 1
  RESTORE s5, 6
  RESTORE s10, 11
  addi sp, sp, FRAME
  ret
  END_FUNCTION mlbench_tuned_gemm_1x4

#endif
