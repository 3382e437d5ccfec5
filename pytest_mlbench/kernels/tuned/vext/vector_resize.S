/* void mlbench_tuned_vector_blend(int8_t *to, const int8_t *a, const int8_t *b, const int8_t *c,
 *                                 const int8_t *d, const int32_t weights[4], int32_t count)
 *
 * One output pixel of RESIZE_BILINEAR, as in resize_bilinear.c, for V 1.0 of any vector length: lanes
 * are channels. 28 instructions for 32 channels at VLEN 128, and 6 for each pixel.
 */
#include "mlbench_tuned_vector_asm.h"

#if defined(__riscv)

#define TO a0
#define A a1
#define B a2
#define C a3
#define D a4
#define COUNT a6
#define WA t0
#define WB t1
#define WC t2
#define WD t3
#define VL t4

  FUNCTION mlbench_tuned_vector_blend
  lw WA, 0(a5)
  lw WB, 4(a5)
  lw WC, 8(a5)
  lw WD, 12(a5)
  csrwi vxrm, 0
.Lstrip:
  vsetvli VL, COUNT, e32, m8, ta, ma
  vle8.v v2, (A)
  vle8.v v4, (B)
  add A, A, VL
  add B, B, VL
  vsext.vf4 v16, v2
  vle8.v v6, (C)
  vsext.vf4 v24, v4
  vle8.v v2, (D)
  add C, C, VL
  add D, D, VL
  vmul.vx v8, v16, WA
  vsext.vf4 v16, v6
  vmacc.vx v8, WB, v24
  vsext.vf4 v24, v2
  vmacc.vx v8, WC, v16
  vmacc.vx v8, WD, v24
  ROUND_AWAY v8
  vssra.vi v8, v8, 20
  NARROW v8, VL, m4, m2
  sub COUNT, COUNT, VL
  vse8.v v8, (TO)
  add TO, TO, VL
  bnez COUNT, .Lstrip
  ret
  END_FUNCTION mlbench_tuned_vector_blend

#endif
