/* void mlbench_tuned_xpulp_average(const struct mlbench_tuned_xpulp_window *window,
 *                                  const int8_t *from, int8_t *output)
 * void mlbench_tuned_xpulp_average_scaled(the same)
 *
 * The average of one window, for each of `words` words of four channels, for the CV32E40P with
 * COREV_PULP. cv.sdotsp.b with a word that is 1 in one byte and 0 in the others adds one channel's
 * value to its sum: 2 loads and 8 additions for 8 values, 1.25 cycles per value without a stall
 * (1.5 for the last four of 4, 12, ... channels, whose load stalls). 3 cycles for a row of the window.
 *
 * average divides the sum by the number of values, halves away from zero. With t the sum of stored
 * values + 128 plus half the number, less 1 for a negative sum of an even number of values,
 *   output = clamp((t * multiplier >> 24) - 128, low, high),  multiplier = 2^24 / number + 1
 * which is exact for at most 256 values: t * (multiplier * number - 2^24) < 2^24. 5.5 cycles per
 * output.
 *
 * average_scaled requantises the sum by two products and a line that may bend
 * (requantise/two_products.py): 9.5 cycles per output.
 */
#include "mlbench_tuned_offsets.h"
#include "mlbench_tuned_xpulp_asm.h"

#if defined(__riscv) && __riscv_xlen == 32

  .option norvc

#define WINDOW a0
#define FROM a1
#define OUTPUT a2
#define WORDS a3
#define A0 a4
#define A1 a5
#define A2 a6
#define A3 a7
#define A4 s0
#define A5 s1
#define A6 s2
#define A7 s3
#define ONE_0 t0
#define ONE_1 t1
#define ONE_2 t2
#define ONE_3 t3
#define W0 t4
#define W1 t5
#define P t6
#define ROWS s4
#define COLUMNS s5
#define PITCH s6
#define ROW_STEP s7
#define START s8
#define C0 s9
#define C1 s10
#define C2 s11
#define C3 ra

#define FRAME 64

.macro ADD_FOUR word, a0, a1, a2, a3
  CV_SDOTSP_B \a0, \word, ONE_0
  CV_SDOTSP_B \a1, \word, ONE_1
  CV_SDOTSP_B \a2, \word, ONE_2
  CV_SDOTSP_B \a3, \word, ONE_3
.endm

.macro ONES
  li ONE_0, 1
  slli ONE_1, ONE_0, 8
  slli ONE_2, ONE_0, 16
  slli ONE_3, ONE_0, 24
.endm

/* The sums of one word of channels, or two. */
.macro SUMS words
  mv P, FROM
  .irp acc, A0, A1, A2, A3
  mv \acc, START
  .endr
  .if \words == 2
  .irp acc, A4, A5, A6, A7
  mv \acc, START
  .endr
  .endif
  .balign 4
  CV_LOOP_OUTER ROWS, (3 + 5 * \words)
  CV_LOOP COLUMNS, (5 * \words)
  .if \words == 2
  lw W1, 4(P)
  .endif
  CV_LW_R W0, P, PITCH
  .if \words == 2
  ADD_FOUR W1, A4, A5, A6, A7
  .endif
  ADD_FOUR W0, A0, A1, A2, A3
  add P, P, ROW_STEP
  nop /* The outer loop's end is two instructions behind the inner one's. */
.endm

/* C0 threshold, C1 multiplier, C2 which bytes, C3 low */
.macro AVERAGE c0, c1, c2, c3
  .irp acc, \c0, \c1, \c2, \c3
  slt W0, \acc, C0
  sub \acc, \acc, W0
  mul \acc, \acc, C1
  .endr
  CV_SHUFFLE2_B \c0, \c1, C2
  CV_SHUFFLE2_B \c2, \c3, C2
  li W0, 128
  lw W1, XW_HIGH(WINDOW)
  CV_PACK \c0, \c2, \c0
  CV_ADD_SC_B \c0, \c0, W0
  CV_MAX_SC_B \c0, \c0, C3
  CV_MIN_SC_B \c0, \c0, W1
  CV_SW \c0, OUTPUT, 4
.endm

/* C0 most, C1 upper, C2 lower, C3 offset. The ones lend registers. */
.macro SCALED c0, c1, c2, c3
  lw W1, XW_BITS(WINDOW)
  lw ONE_0, XW_BEND(WINDOW)
  lw ONE_1, XW_BELOW(WINDOW)
  .irp acc, \c0, \c1, \c2, \c3
  CV_BENT_PRODUCTS \acc, C0, C1, C2, C3, W1, ONE_0, ONE_1, ONE_2, W0
  .endr
  ONES
  CV_PACKLO_B \c0, \c1, \c0
  CV_PACKHI_B \c0, \c3, \c2
  CV_SW \c0, OUTPUT, 4
.endm

.macro ALL_WORDS finish
  addi sp, sp, -FRAME
  SAVE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  ONES
  lw ROWS, XW_ROWS(WINDOW)
  lw COLUMNS, XW_COLUMNS(WINDOW)
  lw PITCH, XW_PITCH(WINDOW)
  lw ROW_STEP, XW_ROW_STEP(WINDOW)
  lw WORDS, XW_WORDS(WINDOW)
  lw START, XW_START(WINDOW)
  lw C0, XW_CONSTANTS(WINDOW)
  lw C1, XW_CONSTANTS + 4(WINDOW)
  lw C2, XW_CONSTANTS + 8(WINDOW)
  lw C3, XW_CONSTANTS + 12(WINDOW)
  addi WORDS, WORDS, -2
  bltz WORDS, .Llast\@
.Ltwo\@:
  SUMS 2
  \finish A0, A1, A2, A3
  \finish A4, A5, A6, A7
  addi WORDS, WORDS, -2
  addi FROM, FROM, 8
  bgez WORDS, .Ltwo\@
.Llast\@:
  andi WORDS, WORDS, 1
  beqz WORDS, .Lend\@
  SUMS 1
  \finish A0, A1, A2, A3
.Lend\@:
  RESTORE_REGISTERS ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  addi sp, sp, FRAME
  ret
.endm

  FUNCTION mlbench_tuned_xpulp_average
  ALL_WORDS AVERAGE
  END_FUNCTION mlbench_tuned_xpulp_average

  FUNCTION mlbench_tuned_xpulp_average_scaled
  ALL_WORDS SCALED
  END_FUNCTION mlbench_tuned_xpulp_average_scaled

#endif
