/* The Spike target's main loop and its input and output through HTIF, without libc's stdio.
 *
 * Samples arrive on standard input, frames leave on standard output: u32 tag, u32 length,
 * payload, little endian. docs/target.md lists the frames; wire.py reads them.
 */
#include <stdint.h>

#include "mlbench_firmware.h"

enum frame_tag {
  FRAME_SETUP = 1,
  FRAME_RUN = 2,
  FRAME_OUTPUT = 3,
  FRAME_STACK = 4,
  FRAME_OPERATOR = 5,
  FRAME_PROBE = 6,
  FRAME_TRAP = 7,
  FRAME_STATUS = 8,
  FRAME_INPUT = 9,
  FRAME_EVENTS = 10,
};

enum { SYSCALL_READ = 63, SYSCALL_WRITE = 64 };
enum { STDIN = 0, STDOUT = 1 };

struct mlbench_counted {
  uint64_t cycles;
  uint64_t instructions;
  uint32_t stack_peak; /* of the deepest region so far */
#ifdef MLBENCH_EVENTS
  uint32_t events[10]; /* mhpmcounter3 to mhpmcounter12 */
#endif
};

int32_t mlbench_region(int32_t (*function)(void), struct mlbench_counted *counted);

/* The host looks for these two symbols, of 64 bits each. Addresses and exit codes fit a register,
 * so that only the low word is ever written here. */
enum { HTIF_WORDS = 8 / sizeof(uintptr_t) };
__attribute__((aligned(8))) volatile uintptr_t tohost[HTIF_WORDS];
__attribute__((aligned(8))) volatile uintptr_t fromhost[HTIF_WORDS];

static struct mlbench_counted counted;

/* This code is not measured, so it is kept small at every optimisation level. */
#define SMALL __attribute__((noinline)) static

/* The host's writes bypass a core's data cache: reading as much ROM as the cache holds, one word
 * per line, evicts the lines that the host has changed. */
#ifdef MLBENCH_DATA_CACHE
SMALL void forget_cache(void) {
  const volatile uint32_t *rom = (const volatile uint32_t *)MLBENCH_ROM_BASE;
  for (uint32_t i = 0; i < MLBENCH_DATA_CACHE / 4; i += MLBENCH_CACHE_LINE / 4) {
    (void)rom[i];
  }
}
#else
#define forget_cache() ((void)0)
#endif

static int32_t host_call(uint32_t number, uint32_t file, void *data, uint32_t bytes) {
  volatile uint64_t block[8];
  block[0] = number;
  block[1] = file;
  block[2] = (uintptr_t)data;
  block[3] = bytes;
  __asm__ volatile("" ::: "memory");
  tohost[0] = (uintptr_t)block;
  forget_cache();
  while (fromhost[0] == 0) {
    forget_cache();
  }
  fromhost[0] = 0;
  __asm__ volatile("" ::: "memory");
  return (int32_t)block[0];
}

/* Moves all bytes, or as many as possible before the end of the file or an error. */
SMALL uint32_t transfer(uint32_t number, uint32_t file, void *data, uint32_t bytes) {
  uint32_t done = 0;
  while (done < bytes) {
    int32_t moved = host_call(number, file, (uint8_t *)data + done, bytes - done);
    if (moved <= 0) {
      break;
    }
    done += (uint32_t)moved;
  }
  return done;
}

SMALL void send(uint32_t tag, const void *data, uint32_t bytes) {
  uint32_t head[2] = {tag, bytes};
  transfer(SYSCALL_WRITE, STDOUT, head, sizeof head);
  transfer(SYSCALL_WRITE, STDOUT, (void *)(uintptr_t)data, bytes);
}

/* The last frame of a run, and the simulator's exit status. */
__attribute__((noreturn)) SMALL void finish(uint32_t tag, const void *data, uint32_t bytes,
                                            uint32_t status) {
  send(tag, data, bytes);
  for (;;) {
    tohost[0] = (status << 1) | 1;
  }
}

__attribute__((noreturn, used)) void mlbench_report_trap(uintptr_t cause, uintptr_t pc,
                                                         uintptr_t value) {
  uintptr_t payload[3] = {cause, pc, value};
  finish(FRAME_TRAP, payload, sizeof payload, 1);
}

/* Measures `function` and sends the counters; a code other than 0 ends the run. */
SMALL void measure(int32_t (*function)(void), uint32_t tag) {
  int32_t status = mlbench_region(function, &counted);
  if (status != 0) {
    finish(FRAME_STATUS, &status, sizeof status, 1);
  }
  send(tag, &counted, 16);
#ifdef MLBENCH_EVENTS
  send(FRAME_EVENTS, counted.events, sizeof counted.events);
#endif
}

#ifdef MLBENCH_PROFILE
/* Called by mlbench_profile_operator() in crt0.S: u64 cycles, u64 instructions, u32 index, events.
 */
void mlbench_report_operator(const struct mlbench_counted *counters);
void mlbench_report_operator(const struct mlbench_counted *counters) {
  send(FRAME_OPERATOR, counters, 20);
#ifdef MLBENCH_EVENTS
  send(FRAME_EVENTS, counters->events, sizeof counters->events);
#endif
}
#endif

int main(void) {
  measure(mlbench_setup, FRAME_SETUP);
#ifdef MLBENCH_PROBE
  finish(FRAME_PROBE, mlbench_probe, mlbench_probe_count * sizeof mlbench_probe[0], 0);
#else
  for (;;) {
    for (uint32_t i = 0; i < mlbench_input_count; ++i) {
      const struct mlbench_buffer *input = &mlbench_inputs[i];
      uint32_t got = transfer(SYSCALL_READ, STDIN, input->data, input->bytes);
      if (got != input->bytes) {
        if (i == 0 && got == 0) {
          finish(FRAME_STACK, &counted.stack_peak, sizeof counted.stack_peak, 0);
        }
        uint32_t payload[3] = {i, input->bytes, got};
        finish(FRAME_INPUT, payload, sizeof payload, 1);
      }
    }
    measure(mlbench_invoke, FRAME_RUN);
    for (uint32_t i = 0; i < mlbench_output_count; ++i) {
      send(FRAME_OUTPUT, mlbench_outputs[i].data, mlbench_outputs[i].bytes);
    }
#ifdef MLBENCH_RESET
    int32_t status = mlbench_reset();
    if (status != 0) {
      finish(FRAME_STATUS, &status, sizeof status, 1);
    }
#endif
  }
#endif
}
