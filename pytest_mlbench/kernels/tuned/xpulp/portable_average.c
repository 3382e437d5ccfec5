/* xpulp_average.S in C: the same results, on any machine. For tests on the host. */
#include "mlbench_tuned.h"

#if !defined(__riscv)

static int32_t sum(const struct mlbench_tuned_xpulp_window *window, const int8_t *from) {
  int32_t found = window->start;
  for (int32_t row = 0; row < window->rows; ++row, from += window->row_step) {
    for (int32_t column = 0; column < window->columns; ++column, from += window->pitch) {
      found += *from;
    }
  }
  return found;
}

void mlbench_tuned_xpulp_average(const struct mlbench_tuned_xpulp_window *window,
                                 const int8_t *from, int8_t *output) {
  const int32_t *constants = window->constants;
  for (int32_t c = 0; c < 4 * window->words; ++c) {
    int32_t t = sum(window, from + c);
    t -= t < constants[0];
    t = (int32_t)((uint32_t)t * (uint32_t)constants[1] >> 24) - 128;
    t = t < constants[3] ? constants[3] : t;
    output[c] = (int8_t)(t > constants[4] ? constants[4] : t);
  }
}

void mlbench_tuned_xpulp_average_scaled(const struct mlbench_tuned_xpulp_window *window,
                                        const int8_t *from, int8_t *output) {
  const int32_t *constants = window->constants;
  for (int32_t c = 0; c < 4 * window->words; ++c) {
    int32_t a = sum(window, from + c);
    a = a < 0 ? 0 : a > constants[0] ? constants[0] : a;
    const uint32_t part = (uint32_t)a * (uint32_t)constants[2] >> constants[4];
    uint32_t line = part + (uint32_t)a * (uint32_t)constants[1] + (uint32_t)constants[3];
    line += a < constants[5] ? (uint32_t)constants[6] : 0;
    output[c] = (int8_t)((int32_t)line >> 23);
  }
}

#endif
