/* Start-up, counted regions and traps of the Spike target, for RV32 and RV64 in machine mode.
 *
 * mlbench_region() is assembly so that the overhead inside the counters and the stack it needs
 * are the same at every optimisation level.
 */

/* The ISA string of a small core need not name Zicsr, which machine mode always has. */
  .option arch, +zicsr

#if __riscv_xlen == 64
#define LOAD ld
#define STORE sd
#define WORD 8
#else
#define LOAD lw
#define STORE sw
#define WORD 4
#endif

/* What free stack is painted with, as the operand of lui. */
#define PAINT 0xa5a5a

/* mstatus: FS and VS not off, so that floating point and vector code may run. */
#define MSTATUS_FS_VS 0x6600

/* One locked PMP entry makes ROM unwritable: a naturally aligned region of 512 MiB, as the linker
 * script has it. The stack grows down towards ROM, so that an overflow is a trap as well. */
#define PMP_ROM_ADDRESS ((0x80000000 + 0x0fffffff) >> 2)
#define PMP_ROM_CONFIG 0x9d /* locked, NAPOT, execute, read */

  .section .text._start, "ax", @progbits
  .globl _start
  .type _start, @function
_start:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la sp, __stack_top
  la t0, mlbench_trap
  csrw mtvec, t0
  li t0, MSTATUS_FS_VS
  csrs mstatus, t0
  li t0, PMP_ROM_ADDRESS
  csrw pmpaddr0, t0
  li t0, PMP_ROM_CONFIG
  csrw pmpcfg0, t0

  /* .data from its load image in ROM; the linker script pads to whole words. */
  la a0, __data_load
  la a1, __data_start
  la a2, __data_end
  j 2f
1:
  lw t0, 0(a0)
  sw t0, 0(a1)
  addi a0, a0, 4
  addi a1, a1, 4
2:
  bltu a1, a2, 1b

  la a2, __bss_end
  j 2f
1:
  sw zero, 0(a1)
  addi a1, a1, 4
2:
  bltu a1, a2, 1b

  /* C++ constructors. */
  la s0, __init_array_start
  la s1, __init_array_end
  j 2f
1:
  LOAD t0, 0(s0)
  jalr t0
  addi s0, s0, WORD
2:
  bltu s0, s1, 1b

  la tp, __tls_base
  tail main
  .size _start, . - _start

/* The counters count from zero. A 32-bit machine reads the high half before and after the low one:
 * while the low half's top bit is set, it has not wrapped since the first reading.
 *
 * Instructions that both counters see besides those of the counted stretch: one of each pair
 * below, and the readings of the high halves (RV32: three in all; RV64: one).
 */
.macro ZERO_COUNTERS
#if __riscv_xlen == 32
  csrw mcycle, zero
  csrw minstret, zero
  csrw mcycleh, zero
  csrw minstreth, zero
#endif
  csrw mcycle, zero
  csrw minstret, zero
.endm

/* Into t0:t1 cycles, t2:t3 instructions; RV64: t0 and t2. */
.macro READ_COUNTERS
#if __riscv_xlen == 32
  csrr t1, mcycleh
  csrr t3, minstreth
#endif
  csrr t0, mcycle
  csrr t2, minstret
#if __riscv_xlen == 32
  bltz t0, 1f
  csrr t1, mcycleh
1:
  bltz t2, 1f
  csrr t3, minstreth
1:
#endif
.endm

/* To 16 bytes at `base`: u64 cycles, u64 instructions. */
.macro STORE_COUNTERS base
#if __riscv_xlen == 32
  sw t0, 0(\base)
  sw t1, 4(\base)
  sw t2, 8(\base)
  sw t3, 12(\base)
#else
  sd t0, 0(\base)
  sd t2, 8(\base)
#endif
.endm

/* int32_t mlbench_region(int32_t (*function)(void), struct mlbench_counted *counted)
 *
 * Paints the free stack, counts one call of `function`, looks how deep the stack went. What is
 * counted is the call, the function, and the readings named above.
 */
  .section .text.mlbench_region, "ax", @progbits
  .globl mlbench_region
  .type mlbench_region, @function
mlbench_region:
  addi sp, sp, -16
  STORE ra, 0(sp)
  STORE s0, WORD(sp)
  mv s0, a1

  la t0, __stack_bottom
  lui t1, PAINT
1:
  sw t1, 0(t0)
  addi t0, t0, 4
  bltu t0, sp, 1b

  ZERO_COUNTERS
  jalr a0
  READ_COUNTERS
  STORE_COUNTERS s0

  la t0, __stack_bottom
  lui t1, PAINT
1:
  lw t2, 0(t0)
  addi t0, t0, 4
  beq t1, t2, 1b
  la t1, __stack_top + 4
  sub t1, t1, t0
  lw t2, 16(s0)
  bleu t1, t2, 1f
  sw t1, 16(s0)
1:
  LOAD ra, 0(sp)
  LOAD s0, WORD(sp)
  addi sp, sp, 16
  ret
  .size mlbench_region, . - mlbench_region

#ifdef MLBENCH_PROFILE
/* void mlbench_profile_operator(uint32_t index): sends the counters, then counts anew. */
  .section .text.mlbench_profile_operator, "ax", @progbits
  .globl mlbench_profile_operator
  .type mlbench_profile_operator, @function
mlbench_profile_operator:
  READ_COUNTERS
  addi sp, sp, -32
  STORE ra, 24(sp)
  STORE_COUNTERS sp
  sw a0, 16(sp)
  mv a0, sp
  call mlbench_report_operator
  LOAD ra, 24(sp)
  addi sp, sp, 32
  ZERO_COUNTERS
  ret
  .size mlbench_profile_operator, . - mlbench_profile_operator
#endif

/* A trap ends the run: cause, pc and value are sent from a fresh stack. */
  .section .text.mlbench_trap, "ax", @progbits
  .globl mlbench_trap
  .type mlbench_trap, @function
  .balign 4
mlbench_trap:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la sp, __stack_top
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  tail mlbench_report_trap
  .size mlbench_trap, . - mlbench_trap
