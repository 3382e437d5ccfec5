/* void mlbench_tuned_vector_softmax(const struct mlbench_tuned_softmax *params, const int8_t *input,
 *                                   int8_t *output)
 *
 * SOFTMAX for V 1.0 of any vector length, in the arithmetic of the reference kernel
 * (see kernels/reference/softmax.c): vsmul is its product, vssra its division of values that are
 * not negative. Lanes are the values of a row. Exponentials are computed twice, for the sum and for
 * the outputs, which is cheaper than storing them. The reciprocal uses one lane.
 *
 * Instructions per 16 values at VLEN 128: 7 for the largest, 75 for an exponential, 10 for the sum,
 * 17 for the output: 184; and about 60 per row.
 *
 * Input and output may be the same buffer.
 */
#include "mlbench_tuned_vector_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define PARAMS a0
#define INPUT a1
#define OUTPUT a2
#define ROWS a3
#define DEPTH a4
#define MOST a5
#define MULTIPLIER a6
#define SHIFT a7
#define AT t0
#define LEFT t1
#define VL t2
#define T t3
#define SCALE t4
#define EXPONENT t5
#define LINK t6
#define DIFF_MIN s0
#define FACTOR s1
#define BIT s2
#define EXP_EIGHTH s3

  FUNCTION mlbench_tuned_vector_softmax
  addi sp, sp, -4 * XBYTES
  SAVE_REGISTERS s0, s1, s2, s3
  lw ROWS, SM_ROWS(PARAMS)
  lw DEPTH, SM_DEPTH(PARAMS)
  lw MULTIPLIER, SM_MULTIPLIER(PARAMS)
  lw SHIFT, SM_SHIFT(PARAMS)
  lw DIFF_MIN, SM_DIFF_MIN(PARAMS)
  li EXP_EIGHTH, 1895147668
  csrwi vxrm, 0
.Lrow:
  mv AT, INPUT
  mv LEFT, DEPTH
  li T, -128
  vsetivli zero, 1, e8, m1, ta, ma
  vmv.s.x v1, T
.Llargest:
  vsetvli VL, LEFT, e8, m8, ta, ma
  vle8.v v8, (AT)
  add AT, AT, VL
  sub LEFT, LEFT, VL
  vredmax.vs v1, v8, v1
  bnez LEFT, .Llargest
  vmv.x.s MOST, v1

  mv AT, INPUT
  mv LEFT, DEPTH
  vsetivli zero, 1, e32, m1, ta, ma
  vmv.v.i v3, 0
.Lsum:
  jal LINK, .Lexponentials
  vssra.vi v8, v8, 12
  vredsum.vs v3, v8, v3
  add AT, AT, VL
  bnez LEFT, .Lsum
  vmv.x.s SCALE, v3
#if __riscv_xlen == 64
  slli SCALE, SCALE, 32
#endif
  /* The sum in Q12.19 is 2^n * (1 + fraction): its leading one is moved to the top. */
  li EXPONENT, 35
  bltz SCALE, 2f
1:
  slli SCALE, SCALE, 1
  addi EXPONENT, EXPONENT, -1
  bgez SCALE, 1b
2:
#if __riscv_xlen == 64
  srli SCALE, SCALE, 32
#endif
  srli SCALE, SCALE, 1
  /* Newton and Raphson, from 48/17 - 32/17 x in Q2.29. */
  vsetivli zero, 1, e32, m1, ta, ma
  vmv.s.x v4, SCALE
  li T, -1010580540
  vsmul.vx v5, v4, T
  li T, 1515870810
  vadd.vx v5, v5, T
  li T, 1 << 29
  li BIT, 3
1:
  vsmul.vv v6, v4, v5
  vrsub.vx v6, v6, T
  vsmul.vv v6, v5, v6
  vsll.vi v6, v6, 2
  vadd.vv v5, v5, v6
  addi BIT, BIT, -1
  bnez BIT, 1b
  /* From Q2.29 of twice the result to Q0.31 of the result. */
  vsadd.vv v5, v5, v5
  vmv.x.s SCALE, v5
  li T, 31
  ble EXPONENT, T, 1f
  li SCALE, 0
  mv EXPONENT, T
1:
  mv AT, INPUT
  mv LEFT, DEPTH
.Loutputs:
  jal LINK, .Lexponentials
  vsmul.vx v8, v8, SCALE
  vssra.vx v8, v8, EXPONENT
  li T, -128
  vadd.vx v8, v8, T
  NARROW v8, VL, m2, m1
  vse8.v v8, (OUTPUT)
  add AT, AT, VL
  add OUTPUT, OUTPUT, VL
  bnez LEFT, .Loutputs
  mv INPUT, AT
  addi ROWS, ROWS, -1
  bnez ROWS, .Lrow
  RESTORE_REGISTERS s0, s1, s2, s3
  addi sp, sp, 4 * XBYTES
  ret

/* v8 = exp in Q0.31 of the next values at AT, 0 below the least difference that counts; takes them
 * from LEFT. */
.Lexponentials:
  vsetvli VL, LEFT, e32, m4, ta, mu
  sub LEFT, LEFT, VL
  vle8.v v8, (AT)
  vsext.vf4 v4, v8
  vsub.vx v4, v4, MOST
  vmslt.vx v2, v4, DIFF_MIN
  vsll.vx v4, v4, SHIFT
  vsmul.vx v4, v4, MULTIPLIER
  /* v4 = -quarters / 4 + r, r in [-1/4, 0); exp(r) is a polynomial around -1/8. */
  li BIT, 1 << 24
  addi T, BIT, -1
  vand.vx v8, v4, T
  vsub.vx v8, v8, BIT
  vsub.vv v12, v8, v4
  vsll.vi v8, v8, 5
  slli T, BIT, 4
  vadd.vx v8, v8, T
  vsmul.vv v16, v8, v8
  vsmul.vv v20, v16, v8
  vsmul.vv v24, v16, v16
  vssra.vi v24, v24, 2
  vadd.vv v24, v24, v20
  li T, 715827883
  vsmul.vx v24, v24, T
  vadd.vv v24, v24, v16
  vssra.vi v24, v24, 1
  vadd.vv v8, v8, v24
  vsmul.vx v8, v8, EXP_EIGHTH
  vadd.vx v8, v8, EXP_EIGHTH
  /* Each bit of the quarters multiplies. */
  lla FACTOR, .Lfactors
1:
  vand.vx v16, v12, BIT
  vmsne.vi v0, v16, 0
  lw T, 0(FACTOR)
  addi FACTOR, FACTOR, 4
  vsmul.vx v8, v8, T, v0.t
  slli BIT, BIT, 1
#if __riscv_xlen == 64
  sext.w BIT, BIT
#endif
  bgtz BIT, 1b
  vmseq.vi v0, v4, 0
  li T, 0x7fffffff
  vmerge.vxm v8, v8, T, v0
  vmv1r.v v0, v2
  vmerge.vim v8, v8, 0, v0
  jr LINK

/* exp(-2^i) in Q0.31 for i = -2 ... 4; here, where they lie beside their code. */
  .balign 4
.Lfactors:
  .4byte 1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242
  END_FUNCTION mlbench_tuned_vector_softmax

#endif
