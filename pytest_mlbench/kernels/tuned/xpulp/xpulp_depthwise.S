/* void mlbench_tuned_xpulp_plane(const struct mlbench_tuned_xpulp_depthwise *params,
 *                                const int8_t *input, int8_t *plane)
 * void mlbench_tuned_xpulp_lines(the same, const int8_t *plane, int8_t *output,
 *                                const int32_t *constants)
 * void mlbench_tuned_xpulp_lines_s2(the same)
 *
 * DEPTHWISE_CONV_2D 3x3 of one channel, for the CV32E40P with COREV_PULP. The channel is copied to
 * a plane of its own, where four neighbours are a word and the border holds the input's zero
 * point. Lines of the plane are rows or columns of the image, whichever fill words better.
 *   acc    = start + sum_tap weight[tap] * plane[tap]
 * and the output is made of it as in xpulp_gemm.S, by two products where the channel has these
 * constants.
 *
 * A block is four positions of a line, x to x + 3 (stride 2: two, x and x + 2). Of each of three
 * lines it takes the word at x, twice, with weights (a, b, c, 0) and (0, a, b, c), and so the word
 * at x + 2, which is put together of two: 7 instructions for 12 MACs. Per output of stride 1:
 * 5.25 for the sums, 1 for the start, 5 to requantise (9 by the upper half, 12 signed), 1 to store:
 * 12.25 cycles, 1.4 per MAC, and 2 to copy its pixel. About 18 for a line. What is left over of a
 * line and is no more than half a block takes the words at x alone.
 *
 * constants per channel: int32 (a, b, c, 0) of each line; int32 start, upper, offset, lower,
 * bits - 32, most: see requantise/two_products.py. By the upper half: start, multiplier, offset, sign,
 * left_shift, shift.
 */
#include "mlbench_tuned_offsets.h"
#include "mlbench_tuned_xpulp_asm.h"

#if defined(__riscv) && __riscv_xlen == 32

  .option norvc

#define K00 s0
#define K01 s1
#define K10 s2
#define K11 s3
#define K20 s4
#define K21 s5
#define P0 s6
#define P1 s7
#define P2 s8
#define BIAS s9
#define MULTIPLIER s10 /* upper */
#define OFFSET s11
#define W0 t0
#define W1 t1
#define A0 t2
#define A1 t3
#define A2 t4
#define A3 t5
#define TEMPORARY t6
#define OUTPUT a0
#define STEP a1
#define SHIFT a2 /* most */
#define LEFT_SHIFT a3 /* bits; a shift takes the lower five of them */
#define RANGE a4
#define SIGN a5  /* lower */
#define LOW a6   /* two products: params */
#define MASK a7
#define COUNT ra

#define FRAME 80
#define AT_PARAMS 52
#define AT_LINES 56

/* One line's share of the sums of a block, which begin here where `first` is 1: of four, or of the
 * first two (`half`). */
.macro LINE first, half, pointer, k0, k1
  CV_LW W0, \pointer, 4
  .if \half == 0
  lw W1, 0(\pointer)
  .endif
  .if \first
  .irp acc, A0, A1, A2, A3
  mv \acc, BIAS
  .endr
  .endif
  CV_SDOTSP_B A0, W0, \k0
  CV_SDOTSP_B A1, W0, \k1
  .if \half == 0
  CV_SHUFFLE2_H W0, W1, MASK
  CV_SDOTSP_B A2, W0, \k0
  CV_SDOTSP_B A3, W0, \k1
  .endif
.endm

/* The same of two sums, two pixels apart, or of the first. */
.macro LINE_S2 first, half, pointer, k0
  CV_LW W0, \pointer, 4
  .if \half == 0
  lw W1, 0(\pointer)
  .endif
  .if \first
  mv A0, BIAS
  mv A1, BIAS
  .endif
  CV_SDOTSP_B A0, W0, \k0
  .if \half == 0
  CV_SHUFFLE2_H W0, W1, MASK
  CV_SDOTSP_B A1, W0, \k0
  .endif
.endm

.macro SUMS stride, half
  .if \stride == 1
  LINE 1, \half, P0, K00, K01
  LINE 0, \half, P1, K10, K11
  LINE 0, \half, P2, K20, K21
  .else
  LINE_S2 1, \half, P0, K00
  LINE_S2 0, \half, P1, K10
  LINE_S2 0, \half, P2, K20
  .endif
.endm

/* kind: 0 the upper half, 1 the same signed, 2 two products */
.macro OUTPUTS kind, accumulators:vararg
  .irp acc, \accumulators
  .if \kind == 2
  CV_TWO_PRODUCTS \acc, SHIFT, MULTIPLIER, SIGN, OFFSET, LEFT_SHIFT, TEMPORARY
  .else
  CV_REQUANTISE \kind, \acc, LEFT_SHIFT, MULTIPLIER, OFFSET, SHIFT, RANGE, SIGN, TEMPORARY
  add \acc, \acc, LOW
  .endif
  .endr
.endm

.macro STORES accumulators:vararg
  .irp acc, \accumulators
  CV_SB_R \acc, OUTPUT, STEP
  .endr
.endm

/* \to = a field of the params; the upper half's kernels need the registers. */
.macro PARAM kind, to, field
  .if \kind == 2
  lw \to, \field(LOW)
  .else
  lw TEMPORARY, AT_PARAMS(sp)
  lw \to, \field(TEMPORARY)
  .endif
.endm

/* All lines of a channel. The count of CV_LOOP is that of the instructions below it. */
.macro ALL_LINES stride, kind
  .if \kind == 2
  mv LOW, TEMPORARY
  .endif
  PARAM \kind, COUNT, XD_LINES
  sw COUNT, AT_LINES(sp)
.Lline\@:
  PARAM \kind, COUNT, XD_BLOCKS
  beqz COUNT, .Lrest\@
  .balign 4
  .if \stride == 1
  CV_LOOP COUNT, (29 + 4 * (5 + 3 * (\kind & 1)))
  SUMS 1, 0
  OUTPUTS \kind, A0, A1, A2, A3
  STORES A0, A1, A2, A3
  .else
  CV_LOOP COUNT, (19 + 2 * (5 + 3 * (\kind & 1)))
  SUMS 2, 0
  OUTPUTS \kind, A0, A1
  STORES A0, A1
  .endif
.Lrest\@:
  PARAM \kind, COUNT, XD_REST
  beqz COUNT, .Lnext\@
  addi COUNT, COUNT, -2
  .if \stride == 1
  bgtz COUNT, .Lthree\@
  .endif
  SUMS \stride, 1
  OUTPUTS \kind, A0
  STORES A0
  .if \stride == 1
  bltz COUNT, .Lnext\@
  OUTPUTS \kind, A1
  STORES A1
  j .Lnext\@
.Lthree\@:
  SUMS 1, 0
  OUTPUTS \kind, A0, A1, A2
  STORES A0, A1, A2
  .endif
.Lnext\@:
  lw COUNT, AT_LINES(sp)
  PARAM \kind, W0, XD_LINE_STEP
  PARAM \kind, W1, XD_OUTPUT_LINE
  addi COUNT, COUNT, -1
  sw COUNT, AT_LINES(sp)
  add P0, P0, W0
  add P1, P1, W0
  add P2, P2, W0
  add OUTPUT, OUTPUT, W1
  bnez COUNT, .Lline\@
.endm

.macro LINES stride
  addi sp, sp, -FRAME
  SAVE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  sw a0, AT_PARAMS(sp)
  mv TEMPORARY, a0
  mv P0, a1
  mv OUTPUT, a2
  lw K00, 0(a3)
  lw K10, 4(a3)
  lw K20, 8(a3)
  lw BIAS, 12(a3)
  lw MULTIPLIER, 16(a3)
  lw OFFSET, 20(a3)
  lw SIGN, 24(a3)
  lw SHIFT, 32(a3)
  lw LEFT_SHIFT, 28(a3)
  lw W0, XD_PITCH(TEMPORARY)
  lw STEP, XD_OUTPUT_STEP(TEMPORARY)
  slli K01, K00, 8
  slli K11, K10, 8
  slli K21, K20, 8
  add P1, P0, W0
  add P2, P1, W0
  li MASK, 0x00020001
#ifdef MLBENCH_TUNED_XPULP_HIGH
  bgez LEFT_SHIFT, .Lhigh_\stride
#endif
  ALL_LINES \stride, 2
.Lend_\stride:
  RESTORE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  addi sp, sp, FRAME
  ret
#ifdef MLBENCH_TUNED_XPULP_HIGH
.Lhigh_\stride:
  lw W1, XD_SIGNED(TEMPORARY)
  lw RANGE, XD_RANGE(TEMPORARY)
  lw LOW, XD_LOW(TEMPORARY)
  bnez W1, .Lsigned_\stride
  ALL_LINES \stride, 0
  j .Lend_\stride
.Lsigned_\stride:
  ALL_LINES \stride, 1
  j .Lend_\stride
#endif
.endm

  FUNCTION mlbench_tuned_xpulp_lines
  LINES 1
  END_FUNCTION mlbench_tuned_xpulp_lines

  FUNCTION mlbench_tuned_xpulp_lines_s2
  LINES 2
  END_FUNCTION mlbench_tuned_xpulp_lines_s2

  FUNCTION mlbench_tuned_xpulp_plane
  lw t0, XD_INPUT_LINES(a0)
  lw t1, XD_INPUT_RUN(a0)
  lw t2, XD_INPUT_STEP(a0)
  lw t3, XD_INPUT_LINE(a0)
  lw t4, XD_PITCH(a0)
  srli t5, t1, 2
  andi t6, t1, 3
.Lplane_line:
  mv a3, a1
  mv a4, a2
  beqz t5, .Lplane_rest
  .balign 4
  CV_LOOP t5, 8
  CV_LB_R a5, a3, t2
  CV_LB_R a6, a3, t2
  CV_LB_R a7, a3, t2
  CV_LB_R a0, a3, t2
  CV_SB a5, a4, 1
  CV_SB a6, a4, 1
  CV_SB a7, a4, 1
  CV_SB a0, a4, 1
.Lplane_rest:
  beqz t6, .Lplane_next
  .balign 4
  CV_LOOP t6, 3
  CV_LB_R a5, a3, t2
  nop
  CV_SB a5, a4, 1
.Lplane_next:
  addi t0, t0, -1
  add a1, a1, t3
  add a2, a2, t4
  bnez t0, .Lplane_line
  ret
  END_FUNCTION mlbench_tuned_xpulp_plane

#endif
