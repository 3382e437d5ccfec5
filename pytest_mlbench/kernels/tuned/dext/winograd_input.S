/* void mlbench_tuned_winograd_input(const double *early, const double *late, double *values,
 *                                   int32_t channels, int32_t tiles)
 *
 * V = B^T d B of pairs of tiles of an image, for winograd.S, which says what they are.
 *
 * Instructions: 8 fld, 24 additions and 16 fsd for each pair of tiles and channel, 53.5 with
 * pointers and loop: columns that two tiles share are transformed once.
 *
 * early, late  packed rows, four to a pixel of one channel: the two that the first, and the two
 *              that the last rows of the tiles lie in; 32 bytes to the next channel
 * values       double [input channel][tile][ij]
 */
#include "mlbench_tuned_pairs_asm.h"

#if defined(__riscv)

.macro VERTICAL to
  fld f28, 0(t1)
  fld f29, 8(t1)
  fld f30, 0(t2)
  fld f31, 8(t2)
  add t1, t1, t0
  add t2, t2, t0
  VERTICAL_INTO %(\to), %(\to + 1), %(\to + 2), %(\to + 3)
.endm

.macro VERTICAL_INTO first, second, third, fourth
  fsub.d f\first, f28, f30
  fadd.d f\second, f29, f30
  fsub.d f\third, f30, f29
  fsub.d f\fourth, f29, f31
.endm

/* One row of V from four transformed columns. */
.macro ROW p, q, r, s, at
  fsub.d f28, f\p, f\r
  fadd.d f29, f\q, f\r
  fsub.d f30, f\r, f\q
  fsub.d f31, f\q, f\s
  fsd f28, \at(t4)
  fsd f29, \at + 8(t4)
  fsd f30, \at + 16(t4)
  fsd f31, \at + 24(t4)
.endm

.macro HORIZONTAL old, new, at
  .set i, 0
  .rept 4
  ROW %(\old + i), %(\old + 4 + i), %(\new + i), %(\new + 4 + i), %(\at + 32 * i)
  .set i, i + 1
  .endr
.endm

  FUNCTION mlbench_tuned_winograd_input
  slli t0, a3, 5
.Lchannel:
  mv t1, a0
  mv t2, a1
  mv t3, a4
  mv t4, a2
  VERTICAL 0
  VERTICAL 4
.Ltiles:
  VERTICAL 10
  VERTICAL 14
  HORIZONTAL 0, 10, 0
  VERTICAL 0
  VERTICAL 4
  HORIZONTAL 10, 0, 128
  addi t4, t4, 256
  addi t3, t3, -2
  bnez t3, .Ltiles
  mv a2, t4
  addi a0, a0, 32
  addi a1, a1, 32
  addi a3, a3, -1
  bnez a3, .Lchannel
  ret
  END_FUNCTION mlbench_tuned_winograd_input

#endif
