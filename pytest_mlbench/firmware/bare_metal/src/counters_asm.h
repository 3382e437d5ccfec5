/* Macros of crt0.S that zero, read and store the counters, on cores that can write them and on
 * those that cannot.
 */
#ifndef MLBENCH_COUNTERS_ASM_H
#define MLBENCH_COUNTERS_ASM_H

/* clang-format off */

/* Base addresses of the CSRs that select and count events. */
#define MHPMEVENT 0x320
#define MHPMCOUNTER 0xb00

/* The counters count from zero. A 32-bit machine reads the high half before and after the low one:
 * while the low half's top bit is set, it has not wrapped since the first reading.
 *
 * Instructions that are counted in addition to the measured code: one of each pair below, and the
 * reads of the high halves (RV32: three in total; RV64: one).
 */
#ifdef MLBENCH_WITHOUT_CSRS
#define CYCLE cycle
#define CYCLEH cycleh
#define INSTRET instret
#define INSTRETH instreth

#ifdef MLBENCH_PROFILE
#define BEGIN_CYCLE t3
#define BEGIN_CYCLEH t4
#define BEGIN_INSTRET t5
#define BEGIN_INSTRETH t6
#define OWN 7
#else
#define BEGIN_CYCLE s1
#define BEGIN_CYCLEH s2
#define BEGIN_INSTRET s3
#define BEGIN_INSTRETH s4
#define OWN 1
#endif

/* Saves the counters' initial values, read when neither low half is about to wrap: in registers
 * that the counted function saves, or in memory for a profile, which restarts within that function.
 */
.macro ZERO_COUNTERS
1:
  csrr t0, cycle
  csrr t1, instret
  li t2, 1024
  add t0, t0, t2
  add t1, t1, t2
  bltu t0, t2, 1b
  bltu t1, t2, 1b
  csrr BEGIN_CYCLEH, cycleh
  csrr BEGIN_INSTRETH, instreth
  csrr BEGIN_CYCLE, cycle
  csrr BEGIN_INSTRET, instret
#ifdef MLBENCH_PROFILE
  .option push
  .option norelax /* always two instructions: they are counted */
  lui t0, %hi(mlbench_begin)
  addi t0, t0, %lo(mlbench_begin)
  .option pop
  sw BEGIN_CYCLE, 0(t0)
  sw BEGIN_CYCLEH, 4(t0)
  sw BEGIN_INSTRET, 8(t0)
  sw BEGIN_INSTRETH, 12(t0)
#endif
.endm

/* t0:t1 and t2:t3 minus the 64-bit values at `low`:`high`. */
.macro LESS value, valueh, low, high
  sltu a3, \value, \low
  sub \value, \value, \low
  sub \valueh, \valueh, \high
  sub \valueh, \valueh, a3
.endm

/* The difference to the counters' initial values. It takes OWN more instructions than on a core
 * with writable counters: the last read, and saving it. */
.macro SINCE_ZERO
#ifdef MLBENCH_PROFILE
  la a4, mlbench_begin
  lw a5, 0(a4)
  lw a6, 4(a4)
  LESS t0, t1, a5, a6
  lw a5, 8(a4)
  lw a6, 12(a4)
  LESS t2, t3, a5, a6
#else
  LESS t0, t1, s1, s2
  LESS t2, t3, s3, s4
#endif
  li a5, OWN
  LESS t2, t3, a5, zero
.endm
#else
#define CYCLE mcycle
#define CYCLEH mcycleh
#define INSTRET minstret
#define INSTRETH minstreth

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

.macro SINCE_ZERO
.endm
#endif

/* Into t0:t1 cycles, t2:t3 instructions; RV64: t0 and t2. */
.macro READ_COUNTERS
#if __riscv_xlen == 32
  csrr t1, CYCLEH
  csrr t3, INSTRETH
#endif
  csrr t0, CYCLE
  csrr t2, INSTRET
#if __riscv_xlen == 32
  bltz t0, 1f
  csrr t1, CYCLEH
1:
  bltz t2, 1f
  csrr t3, INSTRETH
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

#ifdef MLBENCH_EVENTS
.macro ZERO_EVENTS
  .irp number, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
  csrw MHPMCOUNTER + \number, zero
  .endr
.endm

/* To ten words behind the counters and the stack's depth at `base`. */
.macro STORE_EVENTS base
  .irp number, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
  csrr t0, MHPMCOUNTER + \number
  sw t0, 20 + 4 * (\number - 3)(\base)
  .endr
.endm
#else
.macro ZERO_EVENTS
.endm

.macro STORE_EVENTS base
.endm
#endif

#endif
