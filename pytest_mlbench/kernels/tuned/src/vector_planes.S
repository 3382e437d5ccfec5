/* void mlbench_tuned_vector_planes_3x3(const struct mlbench_tuned_vector_planes *params,
 *                                      const int16_t *const *rows, int8_t *output, int32_t count)
 * ..._6x3, ..._8x3, ..._12x3, ..._3x1, ..._6x1, ..._8x1, ..._12x1: so many output channels at once
 * by filters so many pixels wide
 *
 * All output channels of `count` neighbouring positions, for V 1.0. Lanes are positions, so that
 * layers of few channels fill long vectors: each input channel is a plane of int16 of its own, and
 * the scalar is a weight. rows[ky] is the first input of filter row ky; neighbouring positions are
 * `step` bytes apart, planes `pitch`.
 *   acc[c] = bias[c] + sum_k weight[c][k] * x[k], then as in vector_gemm.S with scalar constants
 *
 * Instructions per MAC of the inner loop: a vector load serves 3, 6, 8 or 12 output channels
 * (LMUL 8, 4, 2, 2), each a load of the weight and a vwmacc.vx. Filters 3 wide, LMUL 8: 3 * 7 + 5 = 26 for 9
 * products of 32 lanes at VLEN 128, 0.090; 1 wide, four planes per turn: 4 * 8 + 2 = 34 for 12,
 * 0.089. More registers per load would leave fewer for sums.
 *
 * stream   per group of 3 (6, 8, 12) channels: int32 bias[], multiplier[], e[];
 *          int8 weight[ky][plane][kx][channel of the group], filled up to words. The last group of
 *          a number of channels that is no multiple writes some channels again.
 */
#include "mlbench_tuned_asm.h"

#if defined(__riscv)

/* Offsets in struct mlbench_tuned_vector_planes. */
#define VP_STREAM 0
#define VP_CHANNELS (XBYTES)
#define VP_RUNS (XBYTES + 4)
#define VP_PLANES (XBYTES + 8)
#define VP_PITCH (XBYTES + 12)
#define VP_STEP (XBYTES + 16)
#define VP_ZERO_POINT (XBYTES + 20)
#define VP_LOW (XBYTES + 24)
#define VP_HIGH (XBYTES + 28)
#define VP_SIGNED (XBYTES + 32)
#define VP_WEIGHT_BYTES (XBYTES + 36)

#define PARAMS a0
#define ROWS a1
#define OUT a2
#define COUNT a3
#define W a4
#define X a5
#define STEP a6
#define PITCH a7
#define T t0
#define RUNS t1
#define PLANES t2
#define ROW t3
#define CHANNELS t4
#define LEFT t5
#define CONSTANTS t6
#define AT s0
#define ZERO_POINT s1
#define LOW s2
#define HIGH s3
#define SIGNED s4

.altmacro

.macro VP_EACH positions, lmul, name
  .set j, 0
  .rept \positions
  \name %j, %(8 + \lmul * j)
  .set j, j + 1
  .endr
.endm

.macro VP_BIAS j, reg
  lw T, 4 * \j(CONSTANTS)
  vmv.v.x v\reg, T
.endm

.macro VP_MAC j, reg
  lb T, w + \j(W)
  vwmacc.vx v\reg, T, v0
.endm

/* One vector of inputs times the weights of a group. */
.macro VP_TAP channels, lmul, tap
  vlse16.v v0, (X), STEP
  .set w, \tap * \channels
  VP_EACH \channels, \lmul, VP_MAC
.endm

.macro VP_SCALE j, reg, channels
  lw T, 4 * (all + \j)(CONSTANTS)
  vsmul.vx v\reg, v\reg, T
.endm

.macro VP_SIGN j, reg
  vmslt.vx v0, v\reg, zero
  vadd.vi v\reg, v\reg, -1, v0.t
.endm

.macro VP_SHIFT j, reg
  lw T, 4 * (2 * all + \j)(CONSTANTS)
  vssra.vx v\reg, v\reg, T
  vsadd.vx v\reg, v\reg, ZERO_POINT
.endm

.macro VP_CLIP j, reg
  vnclip.wi v\reg, v\reg, 0
.endm

.macro VP_CLAMP j, reg
  vmax.vx v\reg, v\reg, LOW
  vmin.vx v\reg, v\reg, HIGH
.endm

.macro VP_STORE j, reg
  vsse8.v v\reg, (AT), CHANNELS
  addi AT, AT, 1
.endm

.macro VECTOR_PLANES name, lmul, half, quarter, channels, width
  LOCAL group, run, loop, unsigned, unclamped, next
  FUNCTION \name
  addi sp, sp, -8 * XBYTES
  SAVE s0, 0
  SAVE s1, 1
  SAVE s2, 2
  SAVE s3, 3
  SAVE s4, 4
  csrwi vxrm, 0
  .set all, \channels
  LOAD CONSTANTS, VP_STREAM(PARAMS)
  lw CHANNELS, VP_CHANNELS(PARAMS)
  lw PITCH, VP_PITCH(PARAMS)
  lw STEP, VP_STEP(PARAMS)
  lw ZERO_POINT, VP_ZERO_POINT(PARAMS)
  lw LOW, VP_LOW(PARAMS)
  lw HIGH, VP_HIGH(PARAMS)
  lw SIGNED, VP_SIGNED(PARAMS)
  mv LEFT, CHANNELS
  .if \width == 3
  addi PITCH, PITCH, -4
  .endif
group:
  vsetvli zero, COUNT, e32, m\lmul, ta, ma
  VP_EACH \channels, \lmul, VP_BIAS
  addi W, CONSTANTS, 12 * \channels
  mv ROW, ROWS
  lw RUNS, VP_RUNS(PARAMS)
  vsetvli zero, COUNT, e16, m\half, ta, ma
run:
  LOAD X, 0(ROW)
  addi ROW, ROW, XBYTES
  lw PLANES, VP_PLANES(PARAMS)
loop:
  .if \width == 3
  VP_TAP \channels, \lmul, 0
  addi X, X, 2
  VP_TAP \channels, \lmul, 1
  addi X, X, 2
  VP_TAP \channels, \lmul, 2
  add X, X, PITCH
  addi W, W, 3 * \channels
  addi PLANES, PLANES, -1
  .else
  .set tap, 0
  .rept 4
  VP_TAP \channels, \lmul, %tap
  add X, X, PITCH
  .set tap, tap + 1
  .endr
  addi W, W, 4 * \channels
  addi PLANES, PLANES, -4
  .endif
  bnez PLANES, loop
  addi RUNS, RUNS, -1
  bnez RUNS, run

  vsetvli zero, COUNT, e32, m\lmul, ta, ma
  VP_EACH \channels, \lmul, VP_SCALE
  beqz SIGNED, unsigned
  VP_EACH \channels, \lmul, VP_SIGN
unsigned:
  VP_EACH \channels, \lmul, VP_SHIFT
  vsetvli zero, COUNT, e16, m\half, ta, ma
  VP_EACH \channels, \lmul, VP_CLIP
  vsetvli zero, COUNT, e8, \quarter, ta, ma
  VP_EACH \channels, \lmul, VP_CLIP
  sub T, HIGH, LOW
  addi T, T, -255
  beqz T, unclamped
  VP_EACH \channels, \lmul, VP_CLAMP
unclamped:
  mv AT, OUT
  VP_EACH \channels, \lmul, VP_STORE
  lw T, VP_WEIGHT_BYTES(PARAMS)
  addi CONSTANTS, CONSTANTS, 12 * \channels
  add CONSTANTS, CONSTANTS, T
  addi LEFT, LEFT, -\channels
  addi OUT, OUT, \channels
  addi T, LEFT, -\channels
  bgez T, next
  /* The last group ends with the last channel. */
  add OUT, OUT, T
next:
  bgtz LEFT, group
  RESTORE s0, 0
  RESTORE s1, 1
  RESTORE s2, 2
  RESTORE s3, 3
  RESTORE s4, 4
  addi sp, sp, 8 * XBYTES
  ret
  END_FUNCTION \name
.endm

  VECTOR_PLANES mlbench_tuned_vector_planes_3x3, 8, 4, m2, 3, 3
  VECTOR_PLANES mlbench_tuned_vector_planes_6x3, 4, 2, m1, 6, 3
  VECTOR_PLANES mlbench_tuned_vector_planes_8x3, 2, 1, mf2, 8, 3
  VECTOR_PLANES mlbench_tuned_vector_planes_12x3, 2, 1, mf2, 12, 3
  VECTOR_PLANES mlbench_tuned_vector_planes_3x1, 8, 4, m2, 3, 1
  VECTOR_PLANES mlbench_tuned_vector_planes_6x1, 4, 2, m1, 6, 1
  VECTOR_PLANES mlbench_tuned_vector_planes_8x1, 2, 1, mf2, 8, 1
  VECTOR_PLANES mlbench_tuned_vector_planes_12x1, 2, 1, mf2, 12, 1

/* void mlbench_tuned_vector_to_planes(int16_t *to, int32_t pitch, const int8_t *from,
 *                                     int32_t planes, int32_t count)
 *
 * `count` pixels of `planes` channels side by side into planes `pitch` bytes apart, as int16: 8
 * instructions per plane and 32 pixels at VLEN 128.
 */
  FUNCTION mlbench_tuned_vector_to_planes
  mv t0, a3
1:
  mv t1, a4
  mv t2, a0
  mv t3, a2
2:
  vsetvli t4, t1, e16, m8, ta, ma
  vlse8.v v0, (t3), a3
  vsext.vf2 v8, v0
  vse16.v v8, (t2)
  mul t5, t4, a3
  add t3, t3, t5
  slli t5, t4, 1
  add t2, t2, t5
  sub t1, t1, t4
  bnez t1, 2b
  add a0, a0, a1
  addi a2, a2, 1
  addi t0, t0, -1
  bnez t0, 1b
  ret
  END_FUNCTION mlbench_tuned_vector_to_planes

/* void mlbench_tuned_vector_fill16(int16_t *to, int32_t value, int32_t count) */
  FUNCTION mlbench_tuned_vector_fill16
  blez a2, 2f
  vsetvli t0, a2, e16, m8, ta, ma
  vmv.v.x v0, a1
1:
  vsetvli t0, a2, e16, m8, ta, ma
  vse16.v v0, (a0)
  slli t1, t0, 1
  add a0, a0, t1
  sub a2, a2, t0
  bnez a2, 1b
2:
  ret
  END_FUNCTION mlbench_tuned_vector_fill16

#endif
