/* Start-up, counted regions and traps of Spike and of real cores, for RV32 and RV64 in machine mode.
 *
 * The target of a core defines how the core differs:
 *   MLBENCH_WITHOUT_PMP     it has no physical memory protection
 *   MLBENCH_WITHOUT_CSRS    it has no machine-mode CSRs; its counters are read-only
 *   MLBENCH_START_COUNTERS  its counters stop until mcountinhibit is cleared, and mtvec
 *                           holds only bits 31 to 8
 *   MLBENCH_EVENTS          it counts events in mhpmcounter3 to mhpmcounter12
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

/* The pattern that fills free stack, as the operand of lui. */
#define PAINT 0xa5a5a

/* mstatus: FS and VS not off, so that floating point and vector code may run. */
#define MSTATUS_FS_VS 0x6600

/* One locked PMP entry makes ROM unwritable: a naturally aligned region of 512 MiB, as the linker
 * script has it. The stack grows down towards ROM, so that an overflow is a trap as well. */
#define PMP_ROM_ADDRESS ((0x80000000 + 0x0fffffff) >> 2)
#define PMP_ROM_CONFIG 0x9d /* locked, NAPOT, execute, read */

#include "counters_asm.h"

  .section .text._start, "ax", @progbits
  .globl _start
  .type _start, @function
_start:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la sp, __stack_top
#ifndef MLBENCH_WITHOUT_CSRS
  la t0, mlbench_trap
  csrw mtvec, t0
  li t0, MSTATUS_FS_VS
  csrs mstatus, t0
#endif
#ifndef MLBENCH_WITHOUT_PMP
  li t0, PMP_ROM_ADDRESS
  csrw pmpaddr0, t0
  li t0, PMP_ROM_CONFIG
  csrw pmpcfg0, t0
#endif
#ifdef MLBENCH_START_COUNTERS
  csrw 0x320, zero /* mcountinhibit; binutils 2.40 knows the name for newer ISAs only */
#endif
#ifdef MLBENCH_EVENTS
  /* CV32E40P counts in mhpmcounter<n> what is selected here: its event n - 1. On Ibex each counter
   * has an event of its own, and this is ignored. */
  .irp number, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
  li t0, 1 << (\number - 1)
  csrw MHPMEVENT + \number, t0
  .endr
#endif

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

#ifdef MLBENCH_WITHOUT_CSRS
#define FRAME 32
#else
#define FRAME 16
#endif

/* int32_t mlbench_region(int32_t (*function)(void), struct mlbench_counted *counted)
 *
 * Fills the free stack with a pattern, measures one call of `function`, finds the stack's depth.
 * The call, the function, and the counter reads named above are counted.
 */
  .section .text.mlbench_region, "ax", @progbits
  .globl mlbench_region
  .type mlbench_region, @function
mlbench_region:
  addi sp, sp, -FRAME
  STORE ra, 0(sp)
  STORE s0, WORD(sp)
#ifdef MLBENCH_WITHOUT_CSRS /* ZERO_COUNTERS keeps something there */
  sw s1, 8(sp)
  sw s2, 12(sp)
  sw s3, 16(sp)
  sw s4, 20(sp)
#endif
  mv s0, a1

  la t0, __stack_bottom
  lui t1, PAINT
1:
  sw t1, 0(t0)
  addi t0, t0, 4
  bltu t0, sp, 1b

  ZERO_EVENTS
  ZERO_COUNTERS
  jalr a0
  READ_COUNTERS
  SINCE_ZERO
  STORE_COUNTERS s0
  STORE_EVENTS s0

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
#ifdef MLBENCH_WITHOUT_CSRS
  lw s1, 8(sp)
  lw s2, 12(sp)
  lw s3, 16(sp)
  lw s4, 20(sp)
#endif
  addi sp, sp, FRAME
  ret
  .size mlbench_region, . - mlbench_region

#ifdef MLBENCH_PROFILE
#ifdef MLBENCH_EVENTS
#define PROFILE_FRAME 80
#define PROFILE_RA 64
#else
#define PROFILE_FRAME 32
#define PROFILE_RA 24
#endif

/* void mlbench_profile_operator(uint32_t index): sends the counters, then restarts them. */
  .section .text.mlbench_profile_operator, "ax", @progbits
  .globl mlbench_profile_operator
  .type mlbench_profile_operator, @function
mlbench_profile_operator:
  READ_COUNTERS
  SINCE_ZERO
  addi sp, sp, -PROFILE_FRAME
  STORE ra, PROFILE_RA(sp)
  STORE_COUNTERS sp
  STORE_EVENTS sp
  sw a0, 16(sp)
  mv a0, sp
  call mlbench_report_operator
  LOAD ra, PROFILE_RA(sp)
  addi sp, sp, PROFILE_FRAME
  ZERO_EVENTS
  ZERO_COUNTERS
  ret
  .size mlbench_profile_operator, . - mlbench_profile_operator

#ifdef MLBENCH_WITHOUT_CSRS
  .section .bss.mlbench_begin, "aw", @nobits
  .balign 4
mlbench_begin:
  .zero 16
  .size mlbench_begin, . - mlbench_begin
#endif
#endif

#ifndef MLBENCH_WITHOUT_CSRS
/* A trap ends the run: cause, pc and value are sent from a fresh stack. */
  .section .text.mlbench_trap, "ax", @progbits
  .globl mlbench_trap
  .type mlbench_trap, @function
#ifdef MLBENCH_START_COUNTERS
  .balign 256
#else
  .balign 4
#endif
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
#endif
