/* void mlbench_tuned_vector_gather_planes(const struct mlbench_tuned_vector_gather *params,
 *                                         int16_t *to, const int8_t *input, int32_t row,
 *                                         int32_t count)
 *
 * Copies rows of the image to rows of the planes of all phases: element i of channel c = channel c
 * of the pixel in row top + row + i / params->row * stride_h and column left + i % params->row *
 * stride_w (top and left of the phase), or the zero point outside of the image. 6 instructions
 * per plane and 32 elements at VLEN 128, and 21 per phase. Offsets of all pixels fit 16 bits, and
 * so do row and column numbers, with a sign.
 */
#include "mlbench_tuned_asm.h"
#include "mlbench_tuned_offsets.h"

#if defined(__riscv)

#define PARAMS a0
#define TO a1
#define IMAGE a2
#define ROW a3
#define LANES a4
#define DONE a5
#define PITCH a6
#define PLANES a7
#define TARGET t1
#define SOURCE t2
#define SOURCE_END t3
#define NOW t4
#define TOP t5
#define LEFT t6
#define T t0
#define START s0
#define PHASES s1
#define HEIGHT s2
#define WIDTH s3

  FUNCTION mlbench_tuned_vector_gather_planes
  addi sp, sp, -4 * XBYTES
  SAVE_REGISTERS s0, s1, s2, s3
  lw PLANES, VS_PLANES(PARAMS)
  lw PITCH, VS_PITCH(PARAMS)
  lw HEIGHT, VS_INPUT_H(PARAMS)
  lw WIDTH, VS_INPUT_W(PARAMS)
  li DONE, 0
1:
  vsetvli NOW, LANES, e16, m4, ta, ma
  vid.v v8
  vadd.vx v8, v8, DONE
  lw T, VS_ROW(PARAMS)
  vdivu.vx v12, v8, T
  vremu.vx v8, v8, T
  lw T, VS_STRIDE_W(PARAMS)
  vmul.vx v8, v8, T
  lw T, VS_STRIDE_H(PARAMS)
  vmul.vx v12, v12, T
  vmul.vx v16, v12, WIDTH
  vadd.vv v16, v16, v8
  vmul.vx v16, v16, PLANES
  LOAD START, VS_STARTS(PARAMS)
  lw PHASES, VS_PHASES(PARAMS)
  mv TARGET, TO
2:
  lw TOP, 0(START)
  lw LEFT, 4(START)
  addi START, START, 8
  add TOP, TOP, ROW
  vsetvli zero, NOW, e16, m4, ta, ma
  vadd.vx v20, v8, LEFT
  vmsltu.vx v1, v20, WIDTH
  vadd.vx v20, v12, TOP
  vmsltu.vx v0, v20, HEIGHT
  vmand.mm v0, v0, v1
  mul TOP, TOP, WIDTH
  add TOP, TOP, LEFT
  mul TOP, TOP, PLANES
  add SOURCE, IMAGE, TOP
  add SOURCE_END, SOURCE, PLANES
  vsetvli zero, NOW, e8, m2, ta, mu
  lw T, VS_ZERO(PARAMS)
  vmv.v.x v4, T
3:
  vluxei16.v v4, (SOURCE), v16, v0.t
  addi SOURCE, SOURCE, 1
  vwadd.vx v24, v4, zero
  vse16.v v24, (TARGET)
  add TARGET, TARGET, PITCH
  bne SOURCE, SOURCE_END, 3b
  addi PHASES, PHASES, -1
  bnez PHASES, 2b
  add DONE, DONE, NOW
  slli T, NOW, 1
  add TO, TO, T
  sub LANES, LANES, NOW
  bnez LANES, 1b
  RESTORE_REGISTERS s0, s1, s2, s3
  addi sp, sp, 4 * XBYTES
  ret
  END_FUNCTION mlbench_tuned_vector_gather_planes

#endif
