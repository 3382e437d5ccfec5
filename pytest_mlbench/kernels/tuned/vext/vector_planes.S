/* int32_t mlbench_tuned_vector_planes_m8(const struct mlbench_tuned_vector_planes *params,
 *                                        const int16_t *lane, int8_t *output, int32_t column,
 *                                        int32_t count, uint8_t *masks)
 * ..._m4: the same with half the lanes and more output channels at once
 * ..._depthwise: as ..._m8, but each output channel has its own input channel
 * ..._single: as ..._m8, of one output channel
 *
 * All output channels of `count` lanes, for V 1.0. Lanes are positions, so that layers of few
 * channels fill long vectors, and the scalar is a weight. Each input channel is a plane of int16,
 * rows of `row` elements without padding between them, so that a vector runs over several rows:
 * lane i is column (column + i) % row of its row, `lane` the first lane's place in plane 0. A tap's
 * inputs are as many elements at the tap's offset. Where that is another row's, the column is
 * beyond the image: those lanes are masked in the load and keep the input's zero point, which adds
 * nothing. Lanes of columns from `output_w` on are no positions; the answer is how many are.
 *   acc[c] = bias[c] + sum_k weight[c][k] * x[k], then as in vector_gemm.S with scalar constants
 *
 * Instructions per MAC of the inner loop: a vector load and its address serve 3 output channels at
 * LMUL 8 (the sums fill 24 registers), 7 at LMUL 4; each takes the load of a weight and a vwmacc.vx.
 * LMUL 8, eight planes per turn: 8 * 8 + 2 = 66 for 24 products of 32 lanes at VLEN 128, 0.086;
 * LMUL 4: 8 * 16 + 2 = 130 for 56 of 16, 0.145. Half the count at twice VLEN. 7 more per tap.
 * Depthwise each channel has a load of its own: 17 for 3 products of 32 lanes, 0.177.
 *
 * stream   per group of 3 (7) channels, then per group of 2: int32 bias[], multiplier[], e[];
 *          int8 weight[kx][ky][plane][channel of the group], filled up to words; depthwise there
 *          is one plane
 * masks    scratch: VLEN / 32 bytes for which lanes are positions, as many per column of the filter
 */
#include "mlbench_tuned_vector_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define UNROLL 8
#define MASK (MLBENCH_TUNED_VLENB / 4)

#define PARAMS a0
#define LANE a1
#define OUT a2
#define COLUMN a3
#define COUNT a4
#define MASKS a5
#define W a6
#define W_END a7
#define T t0
#define X t1
#define PITCH t2
#define OFFSET t3
#define OFFSET_END t4
#define AT_MASK t5
#define ENTRY t6
#define RUN s0
#define SKIP s1
#define FILTER_H s2
#define COLUMNS s3
#define INPUT_ZERO s4
#define INSIDE s5
#define GROUPS s6
#define CHANNELS s7
#define ZERO_POINT s8
#define LOW s9
#define HIGH s10
#define SIGNED s11
#define CONSTANTS COLUMN
#define CLAMPED ra

.altmacro

.macro VP_EACH channels, lmul, name:vararg
  .set j, 0
  .rept \channels
  \name %j, %(8 + \lmul * (j - first))
  .set j, j + 1
  .endr
.endm

.macro VP_BIAS j, reg
  lw T, 4 * \j(CONSTANTS)
  vmv.v.x v\reg, T
.endm

.macro VP_MAC j, reg
  lb T, w(W)
  VP_WMACC \reg, %input
  .set w, w + 1
.endm

.macro VP_WMACC reg, input
  vwmacc.vx v\reg, T, v\input
.endm

.macro VP_LOAD input
  vle16.v v\input, (X), v0.t
.endm

.macro VP_ZERO input
  vmv.v.x v\input, INPUT_ZERO
.endm

.macro VP_SCALE j, reg
  lw T, 4 * (all + \j)(CONSTANTS)
  vsmul.vx v\reg, v\reg, T
.endm

.macro VP_SHIFT j, reg
  lw T, 4 * (2 * all + \j)(CONSTANTS)
  vssra.vx v\reg, v\reg, T
  vsadd.vx v\reg, v\reg, ZERO_POINT
.endm

.macro VP_CLAMP j, reg
  vmax.vx v\reg, v\reg, LOW
  vmin.vx v\reg, v\reg, HIGH
.endm

/* The lanes that are positions, side by side. */
.macro VP_COMPRESS j, reg
  VP_COMPRESS_IN %(\reg + beside), \reg
.endm

.macro VP_COMPRESS_IN beside, reg
  vcompress.vm v\beside, v\reg, v1
  vmv.v.v v\reg, v\beside
.endm

.macro VP_STORE j, reg
  vsse8.v v\reg, (X), CHANNELS
  addi X, X, 1
.endm

/* Each channel's own plane. */
.macro VP_OWN j, reg
  VP_LOAD %input
  add X, X, PITCH
  VP_MAC \j, \reg
.endm

/* All groups of so many channels. */
.macro VP_GROUPS channels, lmul, half, quarter, number, depthwise
  .set all, \channels
  lw GROUPS, \number(PARAMS)
  beqz GROUPS, .Lnone\@
  .if \depthwise == 0
  /* The planes beyond a multiple of eight come first: the first turn is entered in its middle. */
  lw RUN, VP_PLANES(PARAMS)
  addi SKIP, RUN, UNROLL - 1
  andi SKIP, SKIP, -UNROLL
  sub T, SKIP, RUN
  lla ENTRY, .Lloop\@
  li X, 8 * \channels + 8
  mul X, X, T
  add ENTRY, ENTRY, X
  li X, \channels
  mul RUN, X, SKIP
  mul SKIP, X, T
  .endif
.Lgroup\@:
  vsetvli zero, COUNT, e32, m\lmul, ta, ma
  VP_EACH \channels, \lmul, VP_BIAS
  addi W, CONSTANTS, 12 * \channels
  LOAD OFFSET, VP_OFFSETS(PARAMS)
  lw COLUMNS, VP_FILTER_W(PARAMS)
  mv AT_MASK, MASKS
  vsetvli zero, COUNT, e16, m\half, ta, mu
.Lcolumn\@:
  addi AT_MASK, AT_MASK, MASK
  vlm.v v0, (AT_MASK)
  VP_ZERO %input
  add OFFSET_END, OFFSET, FILTER_H
.Ltap\@:
  lw X, 0(OFFSET)
  addi OFFSET, OFFSET, 4
  add X, X, LANE
  .if \depthwise
  .set w, 0
  VP_EACH \channels, \lmul, VP_OWN
  addi W, W, \channels
  .else
  sub W, W, SKIP
  add W_END, W, RUN
  jr ENTRY
  .option push
  .option norvc
.Lloop\@:
  .set w, 0
  .rept UNROLL
  VP_LOAD %input
  add X, X, PITCH
  VP_EACH \channels, \lmul, VP_MAC
  .endr
.Lend\@:
  .option pop
  .if .Lend\@ - .Lloop\@ - UNROLL * (8 * \channels + 8)
  .error "the entry is computed from the size of a plane's code"
  .endif
  addi W, W, UNROLL * \channels
  bne W, W_END, .Lloop\@
  .endif
  bne OFFSET, OFFSET_END, .Ltap\@
  addi COLUMNS, COLUMNS, -1
  bnez COLUMNS, .Lcolumn\@

  vsetvli zero, COUNT, e32, m\lmul, ta, ma
  VP_EACH \channels, \lmul, VP_SCALE
  beqz SIGNED, .Lunsigned\@
  VP_EACH \channels, \lmul, SIGN_OF
.Lunsigned\@:
  VP_EACH \channels, \lmul, VP_SHIFT
  vsetvli zero, COUNT, e16, m\half, ta, ma
  VP_EACH \channels, \lmul, CLIP_OF
  vsetvli zero, COUNT, e8, m\quarter, ta, ma
  VP_EACH \channels, \lmul, CLIP_OF
  beqz CLAMPED, .Lunclamped\@
  VP_EACH \channels, \lmul, VP_CLAMP
.Lunclamped\@:
  beq INSIDE, COUNT, .Lwhole\@
  vlm.v v1, (MASKS)
  VP_EACH \channels, \lmul, VP_COMPRESS
  vsetvli zero, INSIDE, e8, m\quarter, ta, ma
.Lwhole\@:
  mv X, OUT
  VP_EACH \channels, \lmul, VP_STORE
  addi OUT, OUT, \channels
  .if \depthwise
  .rept \channels
  add LANE, LANE, PITCH
  .endr
  .endif
  addi CONSTANTS, W, 3
  andi CONSTANTS, CONSTANTS, -4
  addi GROUPS, GROUPS, -1
  bnez GROUPS, .Lgroup\@
.Lnone\@:
.endm

.macro VECTOR_PLANES name, lmul, half, quarter, large, depthwise
  FUNCTION \name
  addi sp, sp, -16 * XBYTES
  SAVE_REGISTERS s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, ra
  /* Sums begin at v8, or at v4 where seven of them need the room; the inputs are below. */
  .if \lmul == 8
  .set first, 0
  .set input, 4
  .else
  .set first, 1
  .set input, 2
  .endif
  .set beside, \quarter
  csrwi vxrm, 0
  vsetvli zero, COUNT, e16, m\half, ta, ma
  lw RUN, VP_ROW(PARAMS)
  vid.v v8
  vadd.vx v8, v8, COLUMN
  vremu.vx v8, v8, RUN
  lw T, VP_OUTPUT_W(PARAMS)
  vmsltu.vx v0, v8, T
  vsm.v v0, (MASKS)
  vcpop.m INSIDE, v0
  mv AT_MASK, MASKS
  LOAD X, VP_SHIFTS(PARAMS)
  lw COLUMNS, VP_FILTER_W(PARAMS)
.Lmask\@:
  lw T, 0(X)
  addi X, X, 4
  vadd.vx v4, v8, T
  vmsltu.vx v0, v4, RUN
  addi AT_MASK, AT_MASK, MASK
  vsm.v v0, (AT_MASK)
  addi COLUMNS, COLUMNS, -1
  bnez COLUMNS, .Lmask\@
  LOAD CONSTANTS, VP_STREAM(PARAMS)
  lw PITCH, VP_PITCH(PARAMS)
  lw FILTER_H, VP_FILTER_H(PARAMS)
  slli FILTER_H, FILTER_H, 2
  lw INPUT_ZERO, VP_INPUT_ZERO(PARAMS)
  lw CHANNELS, VP_CHANNELS(PARAMS)
  lw ZERO_POINT, VP_ZERO_POINT(PARAMS)
  lw LOW, VP_LOW(PARAMS)
  lw HIGH, VP_HIGH(PARAMS)
  lw SIGNED, VP_SIGNED(PARAMS)
  sub CLAMPED, HIGH, LOW
  addi CLAMPED, CLAMPED, -255
  VP_GROUPS \large, \lmul, \half, \quarter, VP_LARGE, \depthwise
  VP_GROUPS 2, \lmul, \half, \quarter, VP_SMALL, \depthwise
  mv a0, INSIDE
  RESTORE_REGISTERS s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, ra
  addi sp, sp, 16 * XBYTES
  ret
  END_FUNCTION \name
.endm

  VECTOR_PLANES mlbench_tuned_vector_planes_m8, 8, 4, 2, 3, 0
  VECTOR_PLANES mlbench_tuned_vector_planes_m4, 4, 2, 1, 7, 0
  VECTOR_PLANES mlbench_tuned_vector_planes_depthwise, 8, 4, 2, 3, 1
  VECTOR_PLANES mlbench_tuned_vector_planes_single, 8, 4, 2, 1, 0

#endif
