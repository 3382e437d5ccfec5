/* void mlbench_tuned_vector_softmax_two(const struct mlbench_tuned_softmax_two *params,
 *                                       const int8_t *input, int8_t *output)
 *
 * SOFTMAX over two values as in softmax_two.c, for V 1.0 of any vector length: lanes are rows.
 * Instructions per 32 rows at VLEN 128 (twice as many rows at twice VLEN): 16. The output may be the
 * same buffer as the input.
 */
#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define TABLE a3
#define ROWS a4
#define VL a5
#define MIDDLE t0
#define BOTH t1
#define T t2

  FUNCTION mlbench_tuned_vector_softmax_two
  LOAD TABLE, S2_TABLE(a0)
  lw ROWS, S2_ROWS(a0)
  li MIDDLE, 255
  li BOTH, 510
.Lstrip:
  vsetvli VL, ROWS, e8, m2, ta, ma
  vlseg2e8.v v0, (a1)
  slli T, VL, 1
  sub ROWS, ROWS, VL
  add a1, a1, T
  vwsub.vv v8, v0, v2
  vsetvli zero, VL, e16, m4, ta, ma
  vadd.vx v8, v8, MIDDLE
  vrsub.vx v12, v8, BOTH
  vsetvli zero, VL, e8, m2, ta, ma
  vluxei16.v v16, (TABLE), v8
  vluxei16.v v18, (TABLE), v12
  vsseg2e8.v v16, (a2)
  add a2, a2, T
  bnez ROWS, .Lstrip
  ret
  END_FUNCTION mlbench_tuned_vector_softmax_two

#endif
