/* ADD, SUB and MUL of an activation and another one or a constant, for V 1.0 of any vector length.
 * The right operand is walked from its start again after every `period` elements.
 *
 * void mlbench_tuned_vector_add_stored(const struct mlbench_tuned_vector_arithmetic *params,
 *                                      const int8_t *left, const void *right, int8_t *output)
 * void mlbench_tuned_vector_add_constant(the same): right is int32, scaled already
 * void mlbench_tuned_vector_mul_stored(the same)
 * void mlbench_tuned_vector_mul_constant(the same): right is int16, its offset added already
 *
 *   ADD   sum = scaled(left) + scaled(right), as in vector_elementwise.S
 *   SUB   the same with the right one taken away: `right_sign` is -1
 *   MUL   sum = (left + left_offset) * (right + right_offset)
 *   output = clamp(sum * multiplier, both roundings, + zero_point)
 *
 * Instructions per 32 elements at VLEN 128 (twice as many elements at twice VLEN): ADD of two
 * activations 40, of a constant 32, MUL 29 and 27, and 3 for each sign.
 *
 * The output may be the same buffer as an operand of its shape.
 */
#include "mlbench_tuned_vector_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define PARAMS a0
#define LEFT_AT a1
#define RIGHT_FIRST a2
#define OUT a3
#define MULTIPLIER a4
#define E a5
#define ZERO_POINT a6
#define VL a7
#define COUNT t0
#define LEFT_OFFSET t1
#define RIGHT_OFFSET t2
#define RIGHT_AT t3
#define IN_PERIOD t4
#define T t5
#define IS_SIGNED t6
#define LOW s0
#define HIGH s1
#define LEFT_MULTIPLIER s2
#define LEFT_E s3
#define RIGHT_MULTIPLIER s4
#define RIGHT_E s5
#define RIGHT_SIGN s6

.macro ADD_OPERANDS is_stored
  vsetvli VL, IN_PERIOD, e32, m8, ta, ma
  vle8.v v2, (LEFT_AT)
  .if \is_stored
  vle8.v v4, (RIGHT_AT)
  .else
  vle32.v v16, (RIGHT_AT)
  .endif
  SCALED v8, v2, LEFT_OFFSET, LEFT_MULTIPLIER, LEFT_E, IS_SIGNED, 1, T
  .if \is_stored
  SCALED v16, v4, RIGHT_OFFSET, RIGHT_MULTIPLIER, RIGHT_E, IS_SIGNED, 2, T
  vmul.vx v16, v16, RIGHT_SIGN
  add RIGHT_AT, RIGHT_AT, VL
  .else
  slli T, VL, 2
  add RIGHT_AT, RIGHT_AT, T
  .endif
  vadd.vv v8, v8, v16
.endm

.macro MUL_OPERANDS is_stored
  vsetvli VL, IN_PERIOD, e16, m4, ta, ma
  vle8.v v2, (LEFT_AT)
  vsext.vf2 v16, v2
  vadd.vx v16, v16, LEFT_OFFSET
  .if \is_stored
  vle8.v v4, (RIGHT_AT)
  vsext.vf2 v20, v4
  vadd.vx v20, v20, RIGHT_OFFSET
  add RIGHT_AT, RIGHT_AT, VL
  .else
  vle16.v v20, (RIGHT_AT)
  slli T, VL, 1
  add RIGHT_AT, RIGHT_AT, T
  .endif
  vwmul.vv v8, v16, v20
  vsetvli zero, VL, e32, m8, ta, ma
.endm

.macro VECTOR_ARITHMETIC name, operands, is_stored
  FUNCTION \name
  addi sp, sp, -8 * XBYTES
  SAVE_REGISTERS s0, s1, s2, s3, s4, s5, s6
  lw COUNT, VE_COUNT(PARAMS)
  lw LEFT_OFFSET, VE_LEFT_OFFSET(PARAMS)
  lw LEFT_MULTIPLIER, VE_LEFT_MULTIPLIER(PARAMS)
  lw LEFT_E, VE_LEFT_E(PARAMS)
  lw RIGHT_OFFSET, VE_RIGHT_OFFSET(PARAMS)
  lw RIGHT_MULTIPLIER, VE_RIGHT_MULTIPLIER(PARAMS)
  lw RIGHT_E, VE_RIGHT_E(PARAMS)
  lw RIGHT_SIGN, VE_RIGHT_SIGN(PARAMS)
  lw MULTIPLIER, VE_MULTIPLIER(PARAMS)
  lw E, VE_E(PARAMS)
  lw ZERO_POINT, VE_ZERO_POINT(PARAMS)
  lw LOW, VE_LOW(PARAMS)
  lw HIGH, VE_HIGH(PARAMS)
  lw IS_SIGNED, VE_IS_SIGNED(PARAMS)
  csrwi vxrm, 0
.Lblock\@:
  lw IN_PERIOD, VE_PERIOD(PARAMS)
  mv RIGHT_AT, RIGHT_FIRST
  ble IN_PERIOD, COUNT, .Lwhole\@
  mv IN_PERIOD, COUNT
.Lwhole\@:
  sub COUNT, COUNT, IN_PERIOD
.Lstrip\@:
  \operands \is_stored
  STORE_SUMS v8, VL, OUT, MULTIPLIER, E, ZERO_POINT, LOW, HIGH, IS_SIGNED, T
  add LEFT_AT, LEFT_AT, VL
  add OUT, OUT, VL
  sub IN_PERIOD, IN_PERIOD, VL
  bnez IN_PERIOD, .Lstrip\@
  bnez COUNT, .Lblock\@
  RESTORE_REGISTERS s0, s1, s2, s3, s4, s5, s6
  addi sp, sp, 8 * XBYTES
  ret
  END_FUNCTION \name
.endm

  VECTOR_ARITHMETIC mlbench_tuned_vector_add_stored, ADD_OPERANDS, 1
  VECTOR_ARITHMETIC mlbench_tuned_vector_add_constant, ADD_OPERANDS, 0
  VECTOR_ARITHMETIC mlbench_tuned_vector_mul_stored, MUL_OPERANDS, 1
  VECTOR_ARITHMETIC mlbench_tuned_vector_mul_constant, MUL_OPERANDS, 0

#endif
