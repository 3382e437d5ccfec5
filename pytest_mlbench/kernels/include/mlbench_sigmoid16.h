/* Sigmoid and tanh of int16 values as in TensorFlow Lite's integer kernels: a table of about
 * 2^16 / (1 + exp(-i / 24)) with linear interpolation. `table` has 256 entries.
 */
#ifndef MLBENCH_SIGMOID16_H
#define MLBENCH_SIGMOID16_H

#include <stdint.h>

/* value * multiplier / 2^shift, to nearest with ties up; multiplier 0 stands for a factor of
 * 3 * 2^shift, and nothing is divided. */
static inline int32_t mlbench_sigmoid_input(int32_t value, int32_t multiplier, int32_t shift) {
  if (multiplier == 0) {
    return value * (int32_t)(3u << shift);
  }
  return (value * multiplier + (shift > 0 ? 1 << (shift - 1) : 0)) >> shift;
}

/* In Q0.15. */
static inline int32_t mlbench_sigmoid16(const uint16_t *table, int32_t value, int32_t multiplier,
                                        int32_t shift) {
  const int32_t scaled = mlbench_sigmoid_input(value, multiplier, shift);
  const uint32_t size = scaled < 0 ? 0u - (uint32_t)scaled : (uint32_t)scaled;
  const uint32_t place = size >> 9;
  uint32_t result = 0x7FFFu << 10;
  if (place < 255) {
    const uint32_t from = table[place];
    result = (from << 9) + (size & 0x1FF) * (table[place + 1] - from);
  }
  result = scaled >= 0 ? result + (1u << 9) : (1u << 25) - result + (1u << 9) - 1;
  return (int32_t)(result >> 10);
}

/* In Q0.15. */
static inline int32_t mlbench_tanh16(const uint16_t *table, int32_t value, int32_t multiplier,
                                     int32_t shift) {
  const int32_t scaled = mlbench_sigmoid_input(value, multiplier, shift);
  const uint32_t size = scaled < 0 ? 0u - (uint32_t)scaled : (uint32_t)scaled;
  const uint32_t place = size >> 8;
  int32_t result = 0xFFFF << 8;
  if (place < 255) {
    const int32_t from = table[place];
    result = (from << 8) + (int32_t)(size & 0xFF) * (table[place + 1] - from);
  }
  result = scaled >= 0 ? result - (1 << 23) + (1 << 7) : (1 << 23) - result + (1 << 7) - 1;
  return result >> 8;
}

#endif
