/* void mlbench_tuned_vector_maximum(const int8_t *input, int8_t *output, int32_t channels,
 *                                   int32_t rows, int32_t columns, int32_t row, int32_t low,
 *                                   int32_t high)
 *
 * One window of MAX_POOL_2D, all channels: 5 instructions per value and eight registers (128
 * channels at VLEN 128). The maximum starts from the lower bound.
 */
#include "mlbench_tuned_vector_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

  FUNCTION mlbench_tuned_vector_maximum
  mv t6, a2
.Lmaximum_lanes:
  vsetvli t0, a2, e8, m8, ta, ma
  vmv.v.x v8, a6
  mv t1, a0
  mv t2, a3
.Lmaximum_row:
  mv t3, t1
  mv t4, a4
.Lmaximum_value:
  vle8.v v16, (t3)
  add t3, t3, t6
  addi t4, t4, -1
  vmax.vv v8, v8, v16
  bnez t4, .Lmaximum_value
  add t1, t1, a5
  addi t2, t2, -1
  bnez t2, .Lmaximum_row
  vmin.vx v8, v8, a7
  vse8.v v8, (a1)
  add a0, a0, t0
  add a1, a1, t0
  sub a2, a2, t0
  bnez a2, .Lmaximum_lanes
  ret
  END_FUNCTION mlbench_tuned_vector_maximum

/* void mlbench_tuned_vector_mean(const struct mlbench_tuned_mean *params, const int8_t *input,
 *                                int8_t *output)
 *
 * MEAN as in mean.c. Up to 256 values are summed in 16 bits, then those sums in 32: 5 instructions
 * per value and 32 lanes at VLEN 128.
 */
#define OUTER a3
#define ROWS a4
#define CHANNELS a5
#define LEFT a6
#define VL a7
#define FROM t0
#define ROWS_LEFT t1
#define NOW t2
#define T t3
#define MULTIPLIER t4
#define E t5

  FUNCTION mlbench_tuned_vector_mean
  lw OUTER, MN_OUTER(a0)
  lw ROWS, MN_ROWS(a0)
  lw CHANNELS, MN_CHANNELS(a0)
  lw MULTIPLIER, MN_MULTIPLIER(a0)
  lw E, MN_SHIFT(a0)
  neg E, E
  csrwi vxrm, 0
.Lmean_outer:
  mv LEFT, CHANNELS
.Lmean_lanes:
  vsetvli VL, LEFT, e32, m8, ta, ma
  lw T, MN_OFFSET(a0)
  vmv.v.x v8, T
  mv FROM, a1
  mv ROWS_LEFT, ROWS
.Lmean_chunk:
  li NOW, 256
  ble NOW, ROWS_LEFT, 1f
  mv NOW, ROWS_LEFT
1:
  sub ROWS_LEFT, ROWS_LEFT, NOW
  vsetvli zero, VL, e16, m4, ta, ma
  vmv.v.i v16, 0
  vsetvli zero, VL, e8, m2, ta, ma
.Lmean_row:
  vle8.v v4, (FROM)
  add FROM, FROM, CHANNELS
  addi NOW, NOW, -1
  vwadd.wv v16, v16, v4
  bnez NOW, .Lmean_row
  vsetvli zero, VL, e16, m4, ta, ma
  vwadd.wv v8, v8, v16
  bnez ROWS_LEFT, .Lmean_chunk
  vsetvli zero, VL, e32, m8, ta, ma
  vsmul.vx v8, v8, MULTIPLIER
  beqz E, 1f
  ROUND_AWAY v8
1:
  vssra.vx v8, v8, E
  lw T, MN_OUTPUT_OFFSET(a0)
  vsadd.vx v8, v8, T
  NARROW v8, VL, m4, m2
  vse8.v v8, (a2)
  add a1, a1, VL
  add a2, a2, VL
  sub LEFT, LEFT, VL
  bnez LEFT, .Lmean_lanes
  addi T, ROWS, -1
  mul T, T, CHANNELS
  add a1, a1, T
  addi OUTER, OUTER, -1
  bnez OUTER, .Lmean_outer
  ret
  END_FUNCTION mlbench_tuned_vector_mean

#endif
