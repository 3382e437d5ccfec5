/* Comparisons of int64 and float32, and MAXIMUM and MINIMUM of int64, with broadcasting. */
#include "mlbench_broadcast.h"
#include "mlbench_pairs.h"

/* The comparison's result. Of a NaN and any number, none of the three holds. */
static uint8_t holds(int32_t operation, int less, int equal, int greater) {
  switch (operation) {
    case MLBENCH_EQUAL:
      return equal != 0;
    case MLBENCH_NOT_EQUAL:
      return equal == 0;
    case MLBENCH_GREATER:
      return greater != 0;
    case MLBENCH_GREATER_EQUAL:
      return greater || equal;
    case MLBENCH_LESS:
      return less != 0;
    default:
      return less || equal;
  }
}

/* For each pair x, y of `type`, number i. */
#define EACH_PAIR(type, statement)                                        \
  int32_t index[MLBENCH_MAX_DIMS] = {0}, from_left = 0, from_right = 0;   \
  for (int32_t i = 0; i < params->count; ++i) {                           \
    const type x = left[from_left], y = right[from_right];                \
    statement;                                                            \
    mlbench_next_pair(params->broadcast, index, &from_left, &from_right); \
  }

void mlbench_reference_compare_int64(const struct mlbench_ordered *params, const int64_t *left,
                                     const int64_t *right, uint8_t *output) {
  EACH_PAIR(int64_t, output[i] = holds(params->operation, x < y, x == y, x > y))
}

void mlbench_reference_compare_float32(const struct mlbench_ordered *params, const float *left,
                                       const float *right, uint8_t *output) {
  EACH_PAIR(float, output[i] = holds(params->operation, x < y, x == y, x > y))
}

void mlbench_reference_extreme_int64(const struct mlbench_ordered *params, const int64_t *left,
                                     const int64_t *right, int64_t *output) {
  const int least = params->operation == MLBENCH_MINIMUM;
  EACH_PAIR(int64_t, output[i] = (least ? x < y : x > y) ? x : y)
}
