/* vector_resize.S in C: see mlbench_tuned_portable.h. */
#include "mlbench_tuned_portable.h"
#include "mlbench_tuned_resize.h"

#if !defined(__riscv)

void mlbench_tuned_vector_blend(int8_t *to, const int8_t *a, const int8_t *b, const int8_t *c,
                                const int8_t *d, const int32_t weights[4], int32_t count) {
  for (int32_t i = 0; i < count; ++i) {
    int32_t sum = a[i] * weights[0] + b[i] * weights[1] + c[i] * weights[2] + d[i] * weights[3];
    sum -= sum < 0;
    to[i] = (int8_t)((sum + (1 << 19)) >> 20);
  }
}

#endif
