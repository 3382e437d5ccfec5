/* void mlbench_tuned_vector_fill(int8_t *to, int32_t value, int32_t count)
 * void mlbench_tuned_vector_copy_rows(int8_t *to, const int8_t *from, int32_t rows,
 *                                     int32_t to_pitch, int32_t from_pitch, int32_t count)
 * void mlbench_tuned_vector_move_bytes(int8_t *to, const int8_t *from, int32_t count,
 *                                      int32_t to_step, int32_t from_step)
 *
 * Bytes, any vector length. 4 instructions per eight registers filled; 6 per row that fits eight
 * registers, 8 per eight registers of a longer one; 8 for all rows of four bytes; 9 per eight
 * registers of bytes that are steps apart.
 */
#include "mlbench_tuned_asm.h"

#if defined(__riscv)

  FUNCTION mlbench_tuned_vector_fill
  vsetvli t0, a2, e8, m8, ta, ma
  vmv.v.x v0, a1
  blez a2, 2f
1:
  vsetvli t0, a2, e8, m8, ta, ma
  vse8.v v0, (a0)
  add a0, a0, t0
  sub a2, a2, t0
  bnez a2, 1b
2:
  ret
  END_FUNCTION mlbench_tuned_vector_fill

  FUNCTION mlbench_tuned_vector_copy_rows
  /* Short rows of four bytes that go side by side: all at once. */
  addi t1, a5, -4
  bnez t1, .Llonger
  bne a3, a5, .Llonger
  vsetvli t0, a2, e8, m1, ta, ma
  bne t0, a2, .Llonger
  vlsseg4e8.v v0, (a1), a4
  vsseg4e8.v v0, (a0)
  ret
.Llonger:
  vsetvli t0, a5, e8, m8, ta, ma
  bne t0, a5, 2f
1:
  vle8.v v0, (a1)
  add a1, a1, a4
  addi a2, a2, -1
  vse8.v v0, (a0)
  add a0, a0, a3
  bnez a2, 1b
  ret
2:
  mv t1, a0
  mv t2, a1
  mv t3, a5
3:
  vsetvli t0, t3, e8, m8, ta, ma
  vle8.v v0, (t2)
  add t2, t2, t0
  sub t3, t3, t0
  vse8.v v0, (t1)
  add t1, t1, t0
  bnez t3, 3b
  add a0, a0, a3
  add a1, a1, a4
  addi a2, a2, -1
  bnez a2, 2b
  ret
  END_FUNCTION mlbench_tuned_vector_copy_rows

  FUNCTION mlbench_tuned_vector_move_bytes
1:
  vsetvli t0, a2, e8, m8, ta, ma
  vlse8.v v0, (a1), a4
  mul t1, t0, a4
  mul t2, t0, a3
  sub a2, a2, t0
  add a1, a1, t1
  vsse8.v v0, (a0), a3
  add a0, a0, t2
  bnez a2, 1b
  ret
  END_FUNCTION mlbench_tuned_vector_move_bytes

#endif
