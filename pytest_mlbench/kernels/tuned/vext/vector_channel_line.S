/* ADD, SUB and MUL of an activation and a constant per channel, or two such operators in one pass,
 * for V 1.0 of any vector length. The constants are walked from their start again after every
 * `period` elements.
 *
 * void mlbench_tuned_vector_channel_line(const struct mlbench_tuned_vector_channel_line *params,
 *                                        const int8_t *input, int8_t *output)
 * void mlbench_tuned_vector_channel_lines(the same): two operators
 * void mlbench_tuned_vector_channel_line_signed, _lines_signed(the same): with steps
 *
 *   sum    = input * slope[c] + offset[c], and step more if it is below the threshold (`_signed`)
 *   t      = clamp(sum >> shift, low, high)
 * and with two operators t goes through the second line in the same way before it is stored.
 * requantise/channel_line.py proves each line exact for every input. Products may wrap; the sums fit
 * 32 bits.
 *
 * Instructions per 32 elements at VLEN 128 (twice as many elements at twice VLEN): 22 for one
 * operator, 29 for two; `_signed` 2 more for each.
 *
 * The output may be the same buffer as the input.
 */
#include "mlbench_tuned_vector_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define PARAMS a0
#define IN a1
#define OUT a2
#define COUNT a3
#define IN_PERIOD a4
#define VL a5
#define T a6
#define SHIFT a7
#define SLOPES t0
#define OFFSETS t1
#define SECOND_SLOPES t2
#define SECOND_OFFSETS t3
#define LOW t4
#define HIGH t5
#define SECOND_SHIFT t6
#define SECOND_LOW s0
#define SECOND_HIGH s1
#define THRESHOLD s2
#define STEP s3
#define SECOND_THRESHOLD s4
#define SECOND_STEP s5

/* clang-format off */

/* `step` more for sums below the threshold. Clobbers v0. */
.macro STEP_BELOW sum, threshold, step
  vmslt.vx v0, \sum, \threshold
  vadd.vx \sum, \sum, \step, v0.t
.endm

.macro CHANNEL_LINE name, is_chain, is_signed
  FUNCTION \name
  addi sp, sp, -8 * XBYTES
  SAVE_REGISTERS s0, s1, s2, s3, s4, s5
  .if \is_signed
  lw THRESHOLD, VC_THRESHOLD(PARAMS)
  lw STEP, VC_STEP(PARAMS)
  lw SECOND_THRESHOLD, VC_SECOND_THRESHOLD(PARAMS)
  lw SECOND_STEP, VC_SECOND_STEP(PARAMS)
  .endif
  .if \is_chain
  lw SECOND_SHIFT, VC_SECOND_SHIFT(PARAMS)
  lw SECOND_LOW, VC_SECOND_LOW(PARAMS)
  lw SECOND_HIGH, VC_SECOND_HIGH(PARAMS)
  .endif
  lw COUNT, VC_COUNT(PARAMS)
  lw SHIFT, VC_SHIFT(PARAMS)
  lw LOW, VC_LOW(PARAMS)
  lw HIGH, VC_HIGH(PARAMS)
.Lblock\@:
  lw IN_PERIOD, VC_PERIOD(PARAMS)
  LOAD SLOPES, VC_SLOPES(PARAMS)
  LOAD OFFSETS, VC_OFFSETS(PARAMS)
  .if \is_chain
  LOAD SECOND_SLOPES, VC_SECOND_SLOPES(PARAMS)
  LOAD SECOND_OFFSETS, VC_SECOND_OFFSETS(PARAMS)
  .endif
  ble IN_PERIOD, COUNT, .Lwhole\@
  mv IN_PERIOD, COUNT
.Lwhole\@:
  sub COUNT, COUNT, IN_PERIOD
.Lstrip\@:
  vsetvli VL, IN_PERIOD, e32, m8, ta, ma
  vle8.v v2, (IN)
  vle32.v v8, (SLOPES)
  vsext.vf4 v16, v2
  vle32.v v24, (OFFSETS)
  slli T, VL, 2
  add IN, IN, VL
  vmadd.vv v8, v16, v24
  add SLOPES, SLOPES, T
  add OFFSETS, OFFSETS, T
  .if \is_signed
  STEP_BELOW v8, THRESHOLD, STEP
  .endif
  vsra.vx v8, v8, SHIFT
  vmax.vx v8, v8, LOW
  vmin.vx v8, v8, HIGH
  .if \is_chain
  vle32.v v16, (SECOND_SLOPES)
  vle32.v v24, (SECOND_OFFSETS)
  add SECOND_SLOPES, SECOND_SLOPES, T
  add SECOND_OFFSETS, SECOND_OFFSETS, T
  vmadd.vv v8, v16, v24
  .if \is_signed
  STEP_BELOW v8, SECOND_THRESHOLD, SECOND_STEP
  .endif
  vsra.vx v8, v8, SECOND_SHIFT
  vmax.vx v8, v8, SECOND_LOW
  vmin.vx v8, v8, SECOND_HIGH
  .endif
  NARROW v8, VL, m4, m2
  sub IN_PERIOD, IN_PERIOD, VL
  vse8.v v8, (OUT)
  add OUT, OUT, VL
  bnez IN_PERIOD, .Lstrip\@
  bnez COUNT, .Lblock\@
  RESTORE_REGISTERS s0, s1, s2, s3, s4, s5
  addi sp, sp, 8 * XBYTES
  ret
  END_FUNCTION \name
.endm

/* clang-format on */

  CHANNEL_LINE mlbench_tuned_vector_channel_line, 0, 0
  CHANNEL_LINE mlbench_tuned_vector_channel_line_signed, 0, 1
  CHANNEL_LINE mlbench_tuned_vector_channel_lines, 1, 0
  CHANNEL_LINE mlbench_tuned_vector_channel_lines_signed, 1, 1

#endif
