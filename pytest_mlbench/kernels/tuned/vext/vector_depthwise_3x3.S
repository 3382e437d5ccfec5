/* void mlbench_tuned_vector_depthwise_3x3(const struct mlbench_tuned_vector_depthwise *params,
 *                                         const int8_t *padded, int8_t *output)
 *
 * DEPTHWISE_CONV_2D, filter 3x3, depth multiplier 1, any stride, of one image around which the
 * input's zero point was written, for V 1.0 of any vector length. Lanes are channels:
 *   acc[c] = bias[c] + sum_tap weight[tap][c] * input[tap][c]
 * then as in vector_gemm.S. Two products of int8 fit int16 (no weight is -128, or this kernel is
 * not used), so that taps are summed in pairs before they are widened to int32.
 *
 * Instructions per output and pass over the lanes (32 at VLEN 128): 9 inputs, 8 pointers, 5 weights
 * with 4 pointers (the other 4 stay in registers), 9 products, 5 sums, 14 for bias, constants,
 * requantisation and store, 7 vsetvli, 6 for the loop: 67, that is 0.23 per MAC at VLEN 128, half
 * at 256. All 32 registers are in use.
 *
 * weights    int8 [9][channels]
 * constants  int32 bias[channels], multiplier[channels], e[channels]
 */
#include "mlbench_tuned_vector_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define PARAMS a0
#define IN a1
#define OUT a2
#define CHANNELS a3
#define LANES a4
#define DONE a5
#define WEIGHTS a6
#define BIAS a7
#define X t0
#define W t1
#define NEXT_ROW t2
#define ROWS_LEFT t3
#define LEFT t4
#define T t5
#define T2 t6
#define BYTES s0
#define ROW_IN s1
#define ZERO_POINT s2
#define LOW s3
#define HIGH s4
#define ROW_OUT s5
#define STEP s6
#define IS_SIGNED s7
#define OTHER_WEIGHTS s8
#define MULTIPLIERS s9
#define SHIFTS s10
#define CLAMPED s11

/* v0 (m2): a weight, or the mask; v2, v4, v6, v18: weights 0 to 3, which stay; v8 (m8): the sum;
 * v16 (m2): input; v20, v24, v28 (m4): products, then constants. */
.macro INPUT_TAP
  vle8.v v16, (X)
.endm

.macro NEXT_WEIGHT
  vle8.v v0, (W)
  add W, W, CHANNELS
.endm

.macro WIDEN product
  vwadd.wv v8, v8, \product
.endm

  FUNCTION mlbench_tuned_vector_depthwise_3x3
  addi sp, sp, -12 * XBYTES
  SAVE_REGISTERS s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  csrwi vxrm, 0
  lw CHANNELS, VD_CHANNELS(PARAMS)
  LOAD WEIGHTS, VD_STREAM(PARAMS)
  LOAD BIAS, VD_BIAS(PARAMS)
  lw ZERO_POINT, VD_ZERO_POINT(PARAMS)
  lw LOW, VD_LOW(PARAMS)
  lw HIGH, VD_HIGH(PARAMS)
  sub CLAMPED, HIGH, LOW
  addi CLAMPED, CLAMPED, -255
  lw STEP, VD_STEP(PARAMS)
  lw IS_SIGNED, VD_SIGNED(PARAMS)
  lw NEXT_ROW, VD_ROW(PARAMS)
  sub NEXT_ROW, NEXT_ROW, CHANNELS
  sub NEXT_ROW, NEXT_ROW, CHANNELS
  slli BYTES, CHANNELS, 2
  li DONE, 0
.Lpass:
  sub T, CHANNELS, DONE
  vsetvli LANES, T, e32, m8, ta, ma
  add MULTIPLIERS, BIAS, BYTES
  add SHIFTS, MULTIPLIERS, BYTES
  mv ROW_IN, IN
  mv ROW_OUT, OUT
  vsetvli zero, LANES, e8, m2, ta, ma
  mv W, WEIGHTS
  vle8.v v2, (W)
  add W, W, CHANNELS
  vle8.v v4, (W)
  add W, W, CHANNELS
  vle8.v v6, (W)
  add W, W, CHANNELS
  vle8.v v18, (W)
  add W, W, CHANNELS
  mv OTHER_WEIGHTS, W
  lw ROWS_LEFT, VD_OUTPUT_H(PARAMS)
.Lrow:
  lw LEFT, VD_OUTPUT_W(PARAMS)
  mv T2, ROW_IN
.Lpixel:
  mv X, T2
  mv W, OTHER_WEIGHTS
  vsetvli zero, LANES, e32, m8, ta, ma
  vle32.v v8, (BIAS)
  vsetvli zero, LANES, e8, m2, ta, ma
  INPUT_TAP
  vwmul.vv v20, v16, v2
  add X, X, CHANNELS
  INPUT_TAP
  vwmacc.vv v20, v16, v4
  add X, X, CHANNELS
  INPUT_TAP
  vwmul.vv v24, v16, v6
  add X, X, NEXT_ROW
  INPUT_TAP
  vwmacc.vv v24, v16, v18
  add X, X, CHANNELS
  INPUT_TAP
  NEXT_WEIGHT
  vwmul.vv v28, v16, v0
  add X, X, CHANNELS
  INPUT_TAP
  NEXT_WEIGHT
  vwmacc.vv v28, v16, v0
  add X, X, NEXT_ROW
  vsetvli zero, LANES, e16, m4, ta, ma
  WIDEN v20
  WIDEN v24
  WIDEN v28
  vsetvli zero, LANES, e8, m2, ta, ma
  INPUT_TAP
  NEXT_WEIGHT
  vwmul.vv v20, v16, v0
  add X, X, CHANNELS
  INPUT_TAP
  NEXT_WEIGHT
  vwmacc.vv v20, v16, v0
  add X, X, CHANNELS
  INPUT_TAP
  vle8.v v0, (W)
  vwmul.vv v24, v16, v0
  vsetvli zero, LANES, e16, m4, ta, ma
  WIDEN v20
  WIDEN v24
  vsetvli zero, LANES, e32, m8, ta, ma
  vle32.v v24, (MULTIPLIERS)
  vsmul.vv v8, v8, v24
  beqz IS_SIGNED, 1f
  ROUND_AWAY v8
1:
  vle32.v v24, (SHIFTS)
  vssra.vv v8, v8, v24
  vsadd.vx v8, v8, ZERO_POINT
  NARROW v8, LANES, m4, m2
  beqz CLAMPED, 1f
  vmax.vx v8, v8, LOW
  vmin.vx v8, v8, HIGH
1:
  vse8.v v8, (ROW_OUT)
  add ROW_OUT, ROW_OUT, CHANNELS
  add T2, T2, STEP
  addi LEFT, LEFT, -1
  bnez LEFT, .Lpixel
  lw T, VD_ROW_STEP(PARAMS)
  add ROW_IN, ROW_IN, T
  addi ROWS_LEFT, ROWS_LEFT, -1
  bnez ROWS_LEFT, .Lrow
  add DONE, DONE, LANES
  add IN, IN, LANES
  add OUT, OUT, LANES
  add WEIGHTS, WEIGHTS, LANES
  slli T, LANES, 2
  add BIAS, BIAS, T
  bne DONE, CHANNELS, .Lpass
  RESTORE_REGISTERS s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  addi sp, sp, 12 * XBYTES
  ret
  END_FUNCTION mlbench_tuned_vector_depthwise_3x3

#endif
