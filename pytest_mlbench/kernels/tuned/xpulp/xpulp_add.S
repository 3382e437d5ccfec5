/* void mlbench_tuned_xpulp_add(const struct mlbench_tuned_add_line *params, const int8_t *left,
 *                              const int8_t *right, int8_t *output)
 *
 * ADD of two int8 tensors of one shape, for the CV32E40P with COREV_PULP: the arithmetic of
 * mlbench_tuned_add_line (add.c), four elements at once.
 *   output = low + clamp((left * l + right * r + offset) >> shift, 0, range)
 * Instructions per element, none of which stalls: 2 loads, 2 products, 1 for sum and shift, 1 for the
 * clamp, 1 to pack, bound and store: 7.
 *
 * The output may be the same buffer as an operand.
 */
#include "mlbench_tuned_offsets.h"
#include "mlbench_tuned_xpulp_asm.h"

#if defined(__riscv) && __riscv_xlen == 32

  .option norvc

#define L a1
#define R a2
#define OUTPUT a3
#define LEFT t0
#define RIGHT t1
#define OFFSET t2
#define SHIFT t3
#define RANGE t4
#define LOW t5
#define COUNT t6

  FUNCTION mlbench_tuned_xpulp_add
  addi sp, sp, -16
  SAVE_REGISTERS s0, s1, s2, s3
  lw COUNT, AL_COUNT(a0)
  lw LEFT, AL_LEFT(a0)
  lw RIGHT, AL_RIGHT(a0)
  lw OFFSET, AL_OFFSET(a0)
  lw SHIFT, AL_SHIFT(a0)
  lw RANGE, AL_RANGE(a0)
  lw LOW, AL_LOW(a0)
  andi a0, COUNT, 3
  srli COUNT, COUNT, 2
  beqz COUNT, .Lrest
  .balign 4
  CV_LOOP COUNT, 28
  .irp value, a4, a5, a6, a7
  CV_LB \value, L, 1
  .endr
  .irp value, s0, s1, s2, s3
  CV_LB \value, R, 1
  .endr
  .irp value, a4, a5, a6, a7
  mul \value, \value, LEFT
  .endr
  CV_MAC a4, s0, RIGHT
  CV_MAC a5, s1, RIGHT
  CV_MAC a6, s2, RIGHT
  CV_MAC a7, s3, RIGHT
  .irp value, a4, a5, a6, a7
  CV_ADDNR \value, OFFSET, SHIFT
  CV_CLIPUR \value, \value, RANGE
  .endr
  CV_PACKLO_B a4, a5, a4
  CV_PACKHI_B a4, a7, a6
  CV_ADD_SC_B a4, a4, LOW
  CV_SW a4, OUTPUT, 4
.Lrest:
  beqz a0, .Lend
  .balign 4
  CV_LOOP a0, 8
  CV_LB a4, L, 1
  CV_LB s0, R, 1
  mul a4, a4, LEFT
  CV_MAC a4, s0, RIGHT
  CV_ADDNR a4, OFFSET, SHIFT
  CV_CLIPUR a4, a4, RANGE
  add a4, a4, LOW
  CV_SB a4, OUTPUT, 1
.Lend:
  RESTORE_REGISTERS s0, s1, s2, s3
  addi sp, sp, 16
  ret
  END_FUNCTION mlbench_tuned_xpulp_add

#endif
