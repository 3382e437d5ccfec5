/* void mlbench_tuned_vector_lookup(const struct mlbench_tuned_lookup *params, const uint8_t *input,
 *                                  uint8_t *output)
 *
 * A function of one stored value by its table of 256 bytes, for V 1.0: an indexed load. 8
 * instructions per eight registers of values (128 at VLEN 128). Input and output may be the same
 * buffer.
 */
#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

  FUNCTION mlbench_tuned_vector_lookup
  LOAD a3, LK_TABLE(a0)
  lw a4, LK_COUNT(a0)
.Lvalues:
  vsetvli t0, a4, e8, m8, ta, ma
  vle8.v v8, (a1)
  add a1, a1, t0
  sub a4, a4, t0
  vluxei8.v v16, (a3), v8
  vse8.v v16, (a2)
  add a2, a2, t0
  bnez a4, .Lvalues
  ret
  END_FUNCTION mlbench_tuned_vector_lookup

#endif
