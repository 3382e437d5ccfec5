/* void mlbench_tuned_vector_add(const struct mlbench_tuned_vector_add *params, const int8_t *left,
 *                               const int8_t *right, int8_t *output)
 *
 * ADD of two int8 tensors of one shape, for V 1.0 of any vector length, as TensorFlow Lite does it:
 *   scaled = ((stored + offset) << 20) * multiplier, both roundings, for either operand
 *   output = clamp((left + right) * multiplier, both roundings, + zero_point)
 * vsmul rounds a product, halves up, then vssra rounds, halves away from zero: 1 is subtracted from
 * negative values if a shift follows and negative values affect the output (`signed`: bit 0 left,
 * bit 1 right, bit 2 the sum).
 *
 * Instructions per 32 elements at VLEN 128 (twice as many elements at twice VLEN): 36, and 3 for
 * each sign: 1.2 per element. Lanes are 32 bits wide, because the scaled operands need 28.
 *
 * The output may be the same buffer as an operand.
 */
#include "mlbench_tuned_vector_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define COUNT t0
#define LEFT_OFFSET t1
#define LEFT_MULTIPLIER t2
#define LEFT_E t3
#define RIGHT_OFFSET t4
#define RIGHT_MULTIPLIER t5
#define RIGHT_E t6
#define OUTPUT_MULTIPLIER a4
#define OUTPUT_E a5
#define ZERO_POINT a6
#define VL a7
#define SIGNED s0
#define LOW s1
#define HIGH s2
#define T s3

  FUNCTION mlbench_tuned_vector_add
  addi sp, sp, -4 * XBYTES
  SAVE_REGISTERS s0, s1, s2, s3
  lw COUNT, VA_COUNT(a0)
  lw LEFT_OFFSET, VA_LEFT_OFFSET(a0)
  lw LEFT_MULTIPLIER, VA_LEFT_MULTIPLIER(a0)
  lw LEFT_E, VA_LEFT_E(a0)
  lw RIGHT_OFFSET, VA_RIGHT_OFFSET(a0)
  lw RIGHT_MULTIPLIER, VA_RIGHT_MULTIPLIER(a0)
  lw RIGHT_E, VA_RIGHT_E(a0)
  lw OUTPUT_MULTIPLIER, VA_MULTIPLIER(a0)
  lw OUTPUT_E, VA_E(a0)
  lw ZERO_POINT, VA_ZERO_POINT(a0)
  lw LOW, VA_LOW(a0)
  lw HIGH, VA_HIGH(a0)
  lw SIGNED, VA_IS_SIGNED(a0)
  csrwi vxrm, 0
.Lstrip:
  vsetvli VL, COUNT, e32, m8, ta, ma
  vle8.v v2, (a1)
  vle8.v v4, (a2)
  add a1, a1, VL
  add a2, a2, VL
  SCALED v8, v2, LEFT_OFFSET, LEFT_MULTIPLIER, LEFT_E, SIGNED, 1, T
  SCALED v16, v4, RIGHT_OFFSET, RIGHT_MULTIPLIER, RIGHT_E, SIGNED, 2, T
  vadd.vv v8, v8, v16
  STORE_SUMS v8, VL, a3, OUTPUT_MULTIPLIER, OUTPUT_E, ZERO_POINT, LOW, HIGH, SIGNED, T
  add a3, a3, VL
  sub COUNT, COUNT, VL
  bnez COUNT, .Lstrip
  RESTORE_REGISTERS s0, s1, s2, s3
  addi sp, sp, 4 * XBYTES
  ret
  END_FUNCTION mlbench_tuned_vector_add

/* void mlbench_tuned_vector_average(const int8_t *input, int8_t *output, int32_t channels,
 *                                   int32_t rows, int32_t columns, int32_t row, int32_t low,
 *                                   int32_t high)
 *
 * One window of AVERAGE_POOL_2D, all channels: the sum of at most 255 stored values in 16 bits,
 * divided by their number, halves away from zero. 5 instructions per value and 32 lanes at VLEN
 * 128.
 */
  FUNCTION mlbench_tuned_vector_average
  addi sp, sp, -4 * XBYTES
  SAVE s0, 0
  mv s0, a2
.Laverage_lanes:
  vsetvli t0, a2, e8, m2, ta, ma
  vsetvli zero, t0, e16, m4, ta, ma
  vmv.v.i v8, 0
  vsetvli zero, t0, e8, m2, ta, ma
  mv t1, a0
  mv t2, a3
.Laverage_row:
  mv t3, t1
  mv t4, a4
.Laverage_value:
  vle8.v v4, (t3)
  add t3, t3, s0
  addi t4, t4, -1
  vwadd.wv v8, v8, v4
  bnez t4, .Laverage_value
  add t1, t1, a5
  addi t2, t2, -1
  bnez t2, .Laverage_row
  mul t5, a3, a4
  srli t6, t5, 1
  vsetvli zero, t0, e32, m8, ta, ma
  vsext.vf2 v16, v8
  vmsgt.vi v0, v16, 0
  neg t4, t6
  vadd.vx v24, v16, t4
  vadd.vx v24, v16, t6, v0.t
  vdiv.vx v16, v24, t5
  NARROW v16, t0, m4, m2
  vmax.vx v16, v16, a6
  vmin.vx v16, v16, a7
  vse8.v v16, (a1)
  add a0, a0, t0
  add a1, a1, t0
  sub a2, a2, t0
  bnez a2, .Laverage_lanes
  RESTORE s0, 0
  addi sp, sp, 4 * XBYTES
  ret
  END_FUNCTION mlbench_tuned_vector_average

#endif
