/* void mlbench_tuned_vector_fully_connected(
 *     const struct mlbench_tuned_vector_fully_connected *params, const int8_t *input,
 *     int8_t *output)
 *
 * FULLY_CONNECTED for V 1.0. Lanes are inputs: a chunk of them, which eight registers hold as
 * products, is multiplied by the weights of up to 16 channels, and each channel's products are
 * summed into element 0 of its own register. Weights stay int8 and as the model has them.
 *   acc[c] = bias[c] + sum_k weight[c][k] * x[k], then as in vector_gemm.S
 *
 * Instructions per MAC of the inner loop: 6 per channel and chunk, two of them to change the type,
 * and 8 per chunk: 104 for 16 channels of 64 inputs at VLEN 128, 0.102; half of it at twice VLEN,
 * as long as there are inputs.
 *
 * constants  int32 bias[channels], multiplier[channels], e[channels]
 */
#include "mlbench_tuned_vector_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define GROUP 16
#define BLOCK 24 /* bytes of a channel's code */
#define FRAME (64 + 4 * XBYTES)

#define PARAMS a0
#define INPUT a1
#define OUT a2
#define ROWS a3
#define K a4
#define W a5
#define CONSTANTS a6
#define LEFT a7
#define T t0
#define AT t1
#define NOW t2
#define X t3
#define K_LEFT t4
#define ENTRY t5
#define COUNT t6
#define SUMS s0
#define PITCH s1
#define CHUNK s2

.altmacro

.macro VF_EACH name
  .set j, 0
  .rept GROUP
  \name %j, %(16 + j)
  .set j, j + 1
  .endr
.endm

.macro VF_PRODUCTS j, reg
  vle8.v v4, (AT)
  add AT, AT, K
  vwmul.vv v8, v0, v4
  vsetvli zero, zero, e16, m8, ta, ma
  vwredsum.vs v\reg, v8, v\reg
  vsetvli zero, zero, e8, m4, ta, ma
.endm

  FUNCTION mlbench_tuned_vector_fully_connected
  addi sp, sp, -FRAME
  STORE s0, 64(sp)
  STORE s1, 64 + XBYTES(sp)
  STORE s2, 64 + 2 * XBYTES(sp)
  csrwi vxrm, 0
  lw ROWS, VF_ROWS(PARAMS)
  lw K, VF_K(PARAMS)
.Lrow:
  LOAD W, VF_WEIGHTS(PARAMS)
  LOAD CONSTANTS, VF_CONSTANTS(PARAMS)
  lw LEFT, VF_CHANNELS(PARAMS)
  slli PITCH, LEFT, 2
.Lgroup:
  li COUNT, GROUP
  ble COUNT, LEFT, 1f
  mv COUNT, LEFT
1:
  /* Fewer channels use the last registers: their code is entered in its middle. */
  li T, GROUP
  sub T, T, COUNT
  slli SUMS, T, 2
  add SUMS, SUMS, sp
  li AT, BLOCK
  mul T, T, AT
  lla ENTRY, .Lproducts
  add ENTRY, ENTRY, T
  vsetvli T, zero, e32, m8, ta, ma
  vmv.v.i v16, 0
  vmv.v.i v24, 0
  mv X, INPUT
  mv K_LEFT, K
  mv CHUNK, W
.Lchunk:
  vsetvli NOW, K_LEFT, e8, m4, ta, ma
  vle8.v v0, (X)
  add X, X, NOW
  mv AT, CHUNK
  add CHUNK, CHUNK, NOW
  sub K_LEFT, K_LEFT, NOW
  jr ENTRY
  .option push
  .option norvc
.Lproducts:
  VF_EACH VF_PRODUCTS
  .option pop
  bnez K_LEFT, .Lchunk
  add W, AT, NOW
  sub W, W, K
  /* Element 0 of eight registers at once, side by side. */
  vsetivli zero, 1, e32, m1, ta, ma
  vsseg8e32.v v16, (sp)
  addi T, sp, 32
  vsseg8e32.v v24, (T)
  vsetvli zero, COUNT, e32, m4, ta, ma
  vle32.v v16, (SUMS)
  vle32.v v4, (CONSTANTS)
  vadd.vv v16, v16, v4
  add AT, CONSTANTS, PITCH
  vle32.v v4, (AT)
  vsmul.vv v16, v16, v4
  lw T, VF_SIGNED(PARAMS)
  beqz T, .Lunsigned
  ROUND_AWAY v16
.Lunsigned:
  add AT, AT, PITCH
  vle32.v v4, (AT)
  lw T, VF_ZERO_POINT(PARAMS)
  vssra.vv v16, v16, v4
  vsadd.vx v16, v16, T
  NARROW v16, COUNT, m2, m1
  lw T, VF_LOW(PARAMS)
  vmax.vx v16, v16, T
  lw T, VF_HIGH(PARAMS)
  vmin.vx v16, v16, T
  vse8.v v16, (OUT)
  add OUT, OUT, COUNT
  slli T, COUNT, 2
  add CONSTANTS, CONSTANTS, T
  sub LEFT, LEFT, COUNT
  bnez LEFT, .Lgroup
  add INPUT, INPUT, K
  addi ROWS, ROWS, -1
  bnez ROWS, .Lrow
  LOAD s0, 64(sp)
  LOAD s1, 64 + XBYTES(sp)
  LOAD s2, 64 + 2 * XBYTES(sp)
  addi sp, sp, FRAME
  ret
  END_FUNCTION mlbench_tuned_vector_fully_connected

#endif
