/* The rest of a tile of which not all is wanted, for gemm_pairs.S and gemm_pairs_expanded.S, in whose
 * frame and with whose registers it works: the outputs of 4 by s3 sums that were stored at SUMS, and
 * only those that are wanted; then OUT_A and OUT_B are beyond the tile. 12 instructions per output:
 * small rather than fast.
 */
#include "mlbench_tuned_pairs_gemm.h"

#if defined(__riscv)

  .section .text.mlbench_tuned_gemm_pairs_finish, "ax", @progbits
  .globl mlbench_tuned_gemm_pairs_finish
  .hidden mlbench_tuned_gemm_pairs_finish
  .type mlbench_tuned_gemm_pairs_finish, @function
mlbench_tuned_gemm_pairs_finish:
  fmv.d f23, f30
  addi s0, sp, SUMS
  mv s2, CONSTANTS
  li s1, 4
  mv s4, OUT_A
  mv s5, OUT_B
.Lfinish_channel:
  fld f24, 32(s2)
  fmul.d f25, f24, f23
  fld f26, 64(s2)
  fld f27, 96(s2)
  addi s2, s2, 8
  mv s6, s4
  mv s7, s5
  li s8, 0
.Lfinish_pair:
  fld f0, 0(s0)
  addi s0, s0, 8
  REQUANTISE 0, 28, 29, 24, 25, 26, 27, 31, T2, T3
  bge s8, LEFT, 1f
  sb T2, 0(s6)
  sb T3, 0(s7)
1:
  add s6, s6, OUT_PITCH
  add s7, s7, OUT_PITCH
  addi s8, s8, 1
  bne s8, s3, .Lfinish_pair
  addi s4, s4, 1
  addi s5, s5, 1
  addi s1, s1, -1
  bnez s1, .Lfinish_channel
  mul T2, s3, OUT_PITCH
  add OUT_A, OUT_A, T2
  add OUT_B, OUT_B, T2
  ret
  END_FUNCTION mlbench_tuned_gemm_pairs_finish

  .section .rodata.mlbench_tuned_pairs, "a", @progbits
  .balign 8
  .globl mlbench_tuned_pairs_constants
  .hidden mlbench_tuned_pairs_constants
mlbench_tuned_pairs_constants:
  .8byte 0x44a8000000000000 /* 1.5 * 2^75 */
  .8byte 0x3e80000000000000 /* 2^-23 */

#endif
