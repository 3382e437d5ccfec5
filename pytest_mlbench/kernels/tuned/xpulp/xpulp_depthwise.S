/* void mlbench_tuned_xpulp_plane(const struct mlbench_tuned_xpulp_depthwise *params,
 *                                const int8_t *input, int8_t *plane)
 * void mlbench_tuned_xpulp_lines(the same, const int8_t *plane, int8_t *output,
 *                                const int32_t *constants)
 * void mlbench_tuned_xpulp_lines_s2(the same)
 *
 * DEPTHWISE_CONV_2D 3x3 of one channel, for the CV32E40P with COREV_PULP. The channel is copied to
 * a plane of its own, where four neighbours are a word and the border holds the input's zero
 * point. Lines of the plane are rows or columns of the image, whichever fill words better.
 *   acc    = bias + sum_tap weight[tap] * plane[tap]
 *   output = low + clamp((mulh(acc << pre, multiplier) + add) >> shift, 0, range), sign as in
 *            gemm_5x4.S
 *
 * A block is four positions of a line, x to x + 3 (stride 2: two, x and x + 2). Of each of three
 * lines it takes the word at x, twice, with weights (a, b, c, 0) and (0, a, b, c), and so the word
 * at x + 2, which is put together of two: 7 instructions for 12 MACs. Per output of stride 1:
 * 5.25 for the sums, 1 for the start, 8 to requantise (11 signed), 2 to store: 16.25 cycles, 1.8
 * per MAC, and 2 to copy its pixel.
 *
 * constants per channel: int32 (a, b, c, 0) of each line; int32 bias, multiplier, add, sign, pre,
 * shift.
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
#define MULTIPLIER s10
#define ADD s11
#define W0 t0
#define W1 t1
#define A0 t2
#define A1 t3
#define A2 t4
#define A3 t5
#define TEMPORARY t6
#define OUTPUT a0
#define STEP a1
#define SHIFT a2
#define PRE a3
#define RANGE a4
#define SIGN a5
#define LOW a6
#define MASK a7
#define COUNT ra

#define FRAME 80
#define AT_PARAMS 52
#define AT_PLANE 56
#define AT_OUTPUT 60
#define AT_LINES 64

/* One line's share of four sums; all of them begin here where `first` is 1. */
.macro LINE first, pointer, k0, k1
  CV_LW W0, \pointer, 4
  lw W1, 0(\pointer)
  .if \first
  mv A0, BIAS
  mv A1, BIAS
  mv A2, BIAS
  mv A3, BIAS
  .endif
  CV_SDOTSP_B A0, W0, \k0
  CV_SDOTSP_B A1, W0, \k1
  CV_SHUFFLE2_H W0, W1, MASK
  CV_SDOTSP_B A2, W0, \k0
  CV_SDOTSP_B A3, W0, \k1
.endm

/* The same of two sums, two pixels apart. */
.macro LINE_S2 first, pointer, k0
  CV_LW W0, \pointer, 4
  lw W1, 0(\pointer)
  .if \first
  mv A0, BIAS
  mv A1, BIAS
  .endif
  CV_SDOTSP_B A0, W0, \k0
  CV_SHUFFLE2_H W0, W1, MASK
  CV_SDOTSP_B A1, W0, \k0
.endm

.macro SUMS stride
  .if \stride == 1
  LINE 1, P0, K00, K01
  LINE 0, P1, K10, K11
  LINE 0, P2, K20, K21
  .else
  LINE_S2 1, P0, K00
  LINE_S2 0, P1, K10
  LINE_S2 0, P2, K20
  .endif
.endm

.macro OUTPUTS is_signed, accumulators:vararg
  .irp acc, \accumulators
  CV_REQUANTISE \is_signed, \acc, PRE, MULTIPLIER, ADD, SHIFT, RANGE, SIGN, TEMPORARY
  add \acc, \acc, LOW
  .endr
.endm

.macro STORES accumulators:vararg
  .irp acc, \accumulators
  CV_SB_R \acc, OUTPUT, STEP
  .endr
.endm

/* All whole blocks of a line. `body` instructions: see the count below. */
.macro BLOCKS stride, is_signed
  lw COUNT, XD_BLOCKS(TEMPORARY)
  nop
  beqz COUNT, .Lrest_\stride\is_signed
  .balign 4
  .if \stride == 1
  CV_LOOP COUNT, (25 + 4 * (6 + 3 * \is_signed))
  SUMS 1
  OUTPUTS \is_signed, A0, A1, A2, A3
  STORES A0, A1, A2, A3
  .else
  CV_LOOP COUNT, (17 + 2 * (6 + 3 * \is_signed))
  SUMS 2
  OUTPUTS \is_signed, A0, A1
  STORES A0, A1
  .endif
.Lrest_\stride\is_signed:
  lw TEMPORARY, AT_PARAMS(sp)
  nop
  lw COUNT, XD_REST(TEMPORARY)
  nop
  beqz COUNT, .Lnext_\stride
  .if \stride == 1
  SUMS 1
  OUTPUTS \is_signed, A0, A1, A2
  STORES A0
  addi COUNT, COUNT, -1
  beqz COUNT, .Lnext_\stride
  STORES A1
  addi COUNT, COUNT, -1
  beqz COUNT, .Lnext_\stride
  STORES A2
  .else
  SUMS 2
  OUTPUTS \is_signed, A0
  STORES A0
  .endif
  j .Lnext_\stride
.endm

.macro LINES stride
  addi sp, sp, -FRAME
  SAVE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  sw a0, AT_PARAMS(sp)
  sw a1, AT_PLANE(sp)
  sw a2, AT_OUTPUT(sp)
  lw K00, 0(a3)
  lw K10, 4(a3)
  lw K20, 8(a3)
  lw BIAS, 12(a3)
  lw MULTIPLIER, 16(a3)
  lw ADD, 20(a3)
  lw SIGN, 24(a3)
  lw SHIFT, 32(a3)
  lw PRE, 28(a3)
  mv TEMPORARY, a0
  slli K01, K00, 8
  slli K11, K10, 8
  slli K21, K20, 8
  lw RANGE, XD_RANGE(TEMPORARY)
  lw LOW, XD_LOW(TEMPORARY)
  lw STEP, XD_OUTPUT_STEP(TEMPORARY)
  lw COUNT, XD_LINES(TEMPORARY)
  li MASK, 0x00020001
  sw COUNT, AT_LINES(sp)
.Lline_\stride:
  lw TEMPORARY, AT_PARAMS(sp)
  lw P0, AT_PLANE(sp)
  lw OUTPUT, AT_OUTPUT(sp)
  lw W0, XD_PITCH(TEMPORARY)
  lw W1, XD_SIGNED(TEMPORARY)
  add P1, P0, W0
  add P2, P1, W0
  bnez W1, .Lsigned_\stride
  BLOCKS \stride, 0
.Lsigned_\stride:
  BLOCKS \stride, 1
.Lnext_\stride:
  lw TEMPORARY, AT_PARAMS(sp)
  lw COUNT, AT_LINES(sp)
  lw W0, XD_LINE_STEP(TEMPORARY)
  lw W1, XD_OUTPUT_LINE(TEMPORARY)
  lw P0, AT_PLANE(sp)
  lw OUTPUT, AT_OUTPUT(sp)
  addi COUNT, COUNT, -1
  add P0, P0, W0
  add OUTPUT, OUTPUT, W1
  sw P0, AT_PLANE(sp)
  sw OUTPUT, AT_OUTPUT(sp)
  sw COUNT, AT_LINES(sp)
  bnez COUNT, .Lline_\stride
  RESTORE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  addi sp, sp, FRAME
  ret
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
