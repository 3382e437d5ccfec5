/* The assembly kernels in C (portable_*.c), for machines that are not RISC-V: the same constants
 * and buffers, so that layouts, bounds and drivers can be checked with a host's sanitizers. They
 * are not part of RISC-V firmware. */
#ifndef MLBENCH_TUNED_PORTABLE_H
#define MLBENCH_TUNED_PORTABLE_H

#if !defined(__riscv)

#include <stdint.h>
#include <string.h>

static inline int32_t high(int64_t a, int32_t b) { return (int32_t)((a * b) >> 32); }

static inline int32_t clamped(int32_t value, int32_t low, int32_t top) {
  return value < low ? low : value > top ? top : value;
}

static inline int32_t word_at(const int8_t *at) {
  int32_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

#endif

#endif
