/* void mlbench_tuned_vector_maximum_8(const int8_t *input, int8_t *output, int32_t count,
 *                                     int32_t rows, int32_t columns, int32_t row, int32_t step,
 *                                     int32_t channels)
 * ..._4, ..._1: the same for channels that are a multiple of four, or any
 * ..._2x2_8, ..._2x2_4, ..._2x2_1: of windows of two rows and two columns
 *
 * `count` windows of MAX_POOL_2D side by side, `step` bytes apart, for V 1.0. Lanes are positions and
 * channels: one strided load takes 8 (4, 1) channels of as many positions as eight registers hold,
 * 16 at VLEN 128, and the maximum is that of their bytes.
 *
 * Instructions per 128 outputs and channels at VLEN 128 (half at twice VLEN): a window of 2x2 takes
 * 16: 0.125 per output; any other 6 per value, 5 per row and 6: 0.33 for 3 by 3 and so on.
 */
#include "mlbench_tuned_asm.h"

#if defined(__riscv)

#define INPUT a0
#define OUTPUT a1
#define COUNT a2
#define ROWS a3
#define COLUMNS a4
#define ROW a5
#define STEP a6
#define CHANNELS a7
#define POSITIONS t0
#define BYTES t1
#define FROM t2
#define TO t3
#define TO_END t4
#define TAP_ROW t5
#define T t5
#define ROWS_LEFT t6
#define TAP s0
#define TAP_END s1
/* Windows of 2x2. */
#define FROM_01 s0
#define FROM_10 s1
#define FROM_11 s2

.macro LOAD_BLOCKS bits, value, from
  vlse\bits\().v \value, (\from), STEP
.endm

/* v8 = the maximum of each window; the vectors are those of blocks before and after. */
.macro MAXIMUM_ANY bits
  LOAD_BLOCKS \bits, v8, FROM
  mv TAP_ROW, FROM
  mv ROWS_LEFT, ROWS
.Lrow\@:
  mv TAP, TAP_ROW
  add TAP_END, TAP_ROW, COLUMNS
.Ltap\@:
  LOAD_BLOCKS \bits, v16, TAP
  add TAP, TAP, CHANNELS
  vsetvli zero, BYTES, e8, m8, ta, ma
  vmax.vv v8, v8, v16
  vsetvli zero, POSITIONS, e\bits, m8, ta, ma
  bne TAP, TAP_END, .Ltap\@
  add TAP_ROW, TAP_ROW, ROW
  addi ROWS_LEFT, ROWS_LEFT, -1
  bnez ROWS_LEFT, .Lrow\@
.endm

.macro MAXIMUM_2X2 bits
  LOAD_BLOCKS \bits, v8, FROM
  LOAD_BLOCKS \bits, v16, FROM_01
  LOAD_BLOCKS \bits, v24, FROM_10
  LOAD_BLOCKS \bits, v0, FROM_11
  addi FROM_01, FROM_01, \bits / 8
  addi FROM_10, FROM_10, \bits / 8
  addi FROM_11, FROM_11, \bits / 8
  vsetvli zero, BYTES, e8, m8, ta, ma
  vmax.vv v8, v8, v16
  vmax.vv v24, v24, v0
  vmax.vv v8, v8, v24
  vsetvli zero, POSITIONS, e\bits, m8, ta, ma
.endm

.macro VECTOR_MAXIMUM name, bits, log_bytes, is_2x2
  FUNCTION \name
  addi sp, sp, -4 * XBYTES
  SAVE_REGISTERS s0, s1, s2
  mul COLUMNS, COLUMNS, CHANNELS
.Lchunk\@:
  vsetvli POSITIONS, COUNT, e\bits, m8, ta, ma
  slli BYTES, POSITIONS, \log_bytes
  mv FROM, INPUT
  mv TO, OUTPUT
  add TO_END, OUTPUT, CHANNELS
  .if \is_2x2
  add FROM_01, INPUT, CHANNELS
  add FROM_10, INPUT, ROW
  add FROM_11, FROM_01, ROW
  .endif
.Lblock\@:
  .if \is_2x2
  MAXIMUM_2X2 \bits
  .else
  MAXIMUM_ANY \bits
  .endif
  vsse\bits\().v v8, (TO), CHANNELS
  addi FROM, FROM, \bits / 8
  addi TO, TO, \bits / 8
  bne TO, TO_END, .Lblock\@
  mul T, POSITIONS, STEP
  add INPUT, INPUT, T
  mul T, POSITIONS, CHANNELS
  add OUTPUT, OUTPUT, T
  sub COUNT, COUNT, POSITIONS
  bnez COUNT, .Lchunk\@
  RESTORE_REGISTERS s0, s1, s2
  addi sp, sp, 4 * XBYTES
  ret
  END_FUNCTION \name
.endm

  VECTOR_MAXIMUM mlbench_tuned_vector_maximum_8, 64, 3, 0
  VECTOR_MAXIMUM mlbench_tuned_vector_maximum_4, 32, 2, 0
  VECTOR_MAXIMUM mlbench_tuned_vector_maximum_1, 8, 0, 0
  VECTOR_MAXIMUM mlbench_tuned_vector_maximum_2x2_8, 64, 3, 1
  VECTOR_MAXIMUM mlbench_tuned_vector_maximum_2x2_4, 32, 2, 1
  VECTOR_MAXIMUM mlbench_tuned_vector_maximum_2x2_1, 8, 0, 1

#endif
