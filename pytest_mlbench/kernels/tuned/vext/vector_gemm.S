/* void mlbench_tuned_vector_gemm_m8(const struct mlbench_tuned_vector_gemm *params, const int8_t *x,
 *                                   int8_t *output, int32_t count)
 * ..._m4, ..._m2: the same with fewer channels and more positions at once
 * ..._m4_3, ..._m2_6, ..._m2_3: with as many positions only, where more would be left over
 *
 * All output channels of `count` positions, `pitch` bytes apart in rows of `width`, for V 1.0 at
 * the vector length it is assembled for (MLBENCH_TUNED_VLENB bytes). A position's activations are
 * `runs` rows of `run` bytes (a multiple of 8), `skip` bytes between them. Lanes are channels:
 *   acc[c]    = bias[c] + sum_k weight[k][c] * x[k]
 *   y         = (acc * multiplier[c] + 2^30) >> 31                     vsmul, vxrm = rnu
 *   y        -= (y < 0), only in signed layers                         halves away from zero
 *   output[c] = clamp((y + 2^(e - 1)) >> e[c] + zero_point)            vssra, vsadd, two vnclip
 * which are the two roundings of MultiplyByQuantizedMultiplier as they stand. The input's zero
 * point is in bias. Without a sign a value below zero is rounded the other way, and clamped.
 *
 * Instructions per MAC of the inner loop: one load of the scalar activation and one vwmacc.vx per
 * position and k; eight registers of int16 weights are loaded at once (a whole-register load needs
 * no vsetvli). LMUL 8: 32 lanes at VLEN 128, 3 positions, for 16 k 96 + 16 + 3 pointers + branch =
 * 116 for 1536 MACs: 0.076; LMUL 4 (6 positions): 207 for 1536, LMUL 2 (12 positions): 401 for 1536;
 * twice the lanes at twice VLEN, half the count. The load beside every vwmacc is the limit.
 *
 * stream   per pass over the lanes: int32 bias[lanes], multiplier[lanes], e[lanes];
 *          int16 weight[k][lanes]
 */
#include "mlbench_tuned_vector_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define FRAME (20 * XBYTES)
#define AT_RA (12 * XBYTES)
#define AT_X (13 * XBYTES)
#define AT_OUTPUT (14 * XBYTES)
#define AT_COUNT (15 * XBYTES)
#define AT_CHANNELS (16 * XBYTES)

#define PARAMS a0
#define W a1
#define XBASE a2
#define OUT a3
#define LEFT a4
#define CHANNELS a5
#define VLANES a6
#define CONSTANTS a7
#define T0 t0
#define T1 t1
#define T2 t2
#define K t3
#define PITCH t4
#define DONE t5
#define RUNS t6
#define ROW_LEFT ra

.altmacro

.macro VG_EACH positions, lmul, name:vararg
  .set j, 0
  .rept \positions
  \name %j, %(8 + \lmul * j)
  .set j, j + 1
  .endr
.endm

/* Register s<j> = the position's activations; beyond the last position, the last one's again. */
.macro VG_POINTER j, reg
  .if \j > 0
  li T0, \j
  bgt LEFT, T0, .Linside\@
  VG_LAST \j, %(\j - 1)
  jal zero, .Ldone\@
.Linside\@:
  .endif
  mv s\j, XBASE
  add XBASE, XBASE, PITCH
  addi ROW_LEFT, ROW_LEFT, -1
  bnez ROW_LEFT, .Ldone\@
  lw ROW_LEFT, VG_WIDTH(PARAMS)
  lw T0, VG_JUMP(PARAMS)
  add XBASE, XBASE, T0
.Ldone\@:
.endm

.macro VG_LAST j, before
  mv s\j, s\before
.endm

.macro VG_SKIP_ONE j, reg
  add s\j, s\j, T0
.endm

.macro VG_MAC j, reg
  lb T0, k(s\j)
  VG_WMACC \reg, %w
.endm

.macro VG_WMACC reg, w
  vwmacc.vx v\reg, T0, v\w
.endm

.macro VG_ADVANCE j, reg
  addi s\j, s\j, 16
.endm

.macro VG_BACK j, reg
  addi s\j, s\j, -8
.endm

/* Eight k from `first` on. */
.macro VG_EIGHT first, positions, lmul, half
  .set k, \first
  .rept 8
  .set w, (k * \half) % 8
  .if w == 0
  vl8re16.v v0, (W)
  addi W, W, 8 * MLBENCH_TUNED_VLENB
  .endif
  VG_EACH \positions, \lmul, VG_MAC
  .set k, k + 1
  .endr
.endm

.macro VG_COPY j, reg
  .if \j > 0
  vmv.v.v v\reg, v8
  .endif
.endm

.macro VG_SMUL j, reg
  vsmul.vv v\reg, v\reg, v0
.endm

.macro VG_SSRA j, reg
  vssra.vv v\reg, v\reg, v0
  vsadd.vx v\reg, v\reg, T0
.endm

.macro VG_CLAMP j, reg
  vmax.vx v\reg, v\reg, T1
  vmin.vx v\reg, v\reg, T2
.endm

.macro VG_STORE j, reg
  vse8.v v\reg, (DONE)
  li T0, \j + 1
  ble LEFT, T0, .Llast\@
  add DONE, DONE, CHANNELS
.Llast\@:
.endm

.macro VECTOR_GEMM name, lmul, half, quarter, positions
  FUNCTION \name
  addi sp, sp, -FRAME
  SAVE_REGISTERS s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  STORE ra, AT_RA(sp)
  STORE a1, AT_X(sp)
  STORE a2, AT_OUTPUT(sp)
  STORE a3, AT_COUNT(sp)
  csrwi vxrm, 0
  lw PITCH, VG_PITCH(PARAMS)
  lw CHANNELS, VG_CHANNELS(PARAMS)
  LOAD CONSTANTS, VG_STREAM(PARAMS)
  STORE CHANNELS, AT_CHANNELS(sp)
.Lpass\@:
  LOAD VLANES, AT_CHANNELS(sp)
  li T0, \lmul * MLBENCH_TUNED_VLENB / 4
  ble VLANES, T0, .Lfits\@
  mv VLANES, T0
.Lfits\@:
  LOAD XBASE, AT_X(sp)
  lw ROW_LEFT, VG_WIDTH(PARAMS)
  LOAD OUT, AT_OUTPUT(sp)
  LOAD LEFT, AT_COUNT(sp)
.Ltile\@:
  vsetvli zero, VLANES, e32, m\lmul, ta, ma
  vle32.v v8, (CONSTANTS)
  VG_EACH \positions, \lmul, VG_COPY
  VG_EACH \positions, \lmul, VG_POINTER
  .if 3 * \lmul * MLBENCH_TUNED_VLENB < 2048
  addi W, CONSTANTS, 3 * \lmul * MLBENCH_TUNED_VLENB
  .else
  li T0, 3 * \lmul * MLBENCH_TUNED_VLENB
  add W, CONSTANTS, T0
  .endif
  lw RUNS, VG_RUNS(PARAMS)
  vsetvli zero, VLANES, e16, m\half, ta, ma
.Lrun\@:
  lw K, VG_RUN(PARAMS)
  add K, K, s0
  lw T0, VG_RUN(PARAMS)
  andi T0, T0, 8
  beqz T0, .Lloop\@
  /* An odd number of eights: enter in the middle. */
  VG_EACH \positions, \lmul, VG_BACK
  jal zero, .Lmiddle\@
.Lloop\@:
  VG_EIGHT 0, \positions, \lmul, \half
.Lmiddle\@:
  VG_EIGHT 8, \positions, \lmul, \half
  VG_EACH \positions, \lmul, VG_ADVANCE
  bne s0, K, .Lloop\@
  addi RUNS, RUNS, -1
  beqz RUNS, .Llast_run\@
  lw T0, VG_SKIP(PARAMS)
  VG_EACH \positions, \lmul, VG_SKIP_ONE
  j .Lrun\@
.Llast_run\@:
  vsetvli zero, VLANES, e32, m\lmul, ta, ma
  addi T1, CONSTANTS, \lmul * MLBENCH_TUNED_VLENB
  vle32.v v0, (T1)
  VG_EACH \positions, \lmul, VG_SMUL
  lw T2, VG_SIGNED(PARAMS)
  beqz T2, .Lunsigned\@
  VG_EACH \positions, \lmul, SIGN_OF
.Lunsigned\@:
  addi T1, T1, \lmul * MLBENCH_TUNED_VLENB
  vle32.v v0, (T1)
  lw T0, VG_ZERO_POINT(PARAMS)
  VG_EACH \positions, \lmul, VG_SSRA
  vsetvli zero, VLANES, e16, m\half, ta, ma
  VG_EACH \positions, \lmul, CLIP_OF
  vsetvli zero, VLANES, e8, \quarter, ta, ma
  VG_EACH \positions, \lmul, CLIP_OF
  lw T1, VG_LOW(PARAMS)
  lw T2, VG_HIGH(PARAMS)
  sub T0, T2, T1
  addi T0, T0, -255
  beqz T0, .Lunclamped\@
  VG_EACH \positions, \lmul, VG_CLAMP
.Lunclamped\@:
  mv DONE, OUT
  VG_EACH \positions, \lmul, VG_STORE
  li T0, \positions
  mul T1, T0, CHANNELS
  add OUT, OUT, T1
  sub LEFT, LEFT, T0
  bgtz LEFT, .Ltile\@

  /* The next lanes' constants follow this pass's weights. */
  mv CONSTANTS, W
  LOAD OUT, AT_OUTPUT(sp)
  add OUT, OUT, VLANES
  STORE OUT, AT_OUTPUT(sp)
  LOAD T0, AT_CHANNELS(sp)
  sub T0, T0, VLANES
  STORE T0, AT_CHANNELS(sp)
  bgtz T0, .Lpass\@

  RESTORE_REGISTERS s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  LOAD ra, AT_RA(sp)
  addi sp, sp, FRAME
  ret
  END_FUNCTION \name
.endm

  VECTOR_GEMM mlbench_tuned_vector_gemm_m8, 8, 4, m2, 3
  VECTOR_GEMM mlbench_tuned_vector_gemm_m4, 4, 2, m1, 6
  VECTOR_GEMM mlbench_tuned_vector_gemm_m2, 2, 1, mf2, 12
  VECTOR_GEMM mlbench_tuned_vector_gemm_m4_3, 4, 2, m1, 3
  VECTOR_GEMM mlbench_tuned_vector_gemm_m2_6, 2, 1, mf2, 6
  VECTOR_GEMM mlbench_tuned_vector_gemm_m2_3, 2, 1, mf2, 3

#endif
