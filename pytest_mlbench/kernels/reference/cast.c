/* CAST, with C's conversions: towards zero, modulo the type's range; to bool: != 0. A float
 * beyond int32 is undefined in TensorFlow Lite; here it saturates. */
#include "mlbench_pairs.h"

static int32_t whole(float value) {
  if (value >= 2147483648.0f) {
    return INT32_MAX;
  }
  return value > -2147483648.0f ? (int32_t)value : INT32_MIN;
}

static int32_t loaded(const void *values, int32_t type, int32_t place) {
  switch (type) {
    case MLBENCH_INT16:
      return ((const int16_t *)values)[place];
    case MLBENCH_INT32:
      return ((const int32_t *)values)[place];
    case MLBENCH_FLOAT32:
      return whole(((const float *)values)[place]);
    default:
      return ((const int8_t *)values)[place];
  }
}

static void cast_one(const struct mlbench_cast *params, const void *input, void *output,
                     int32_t place) {
  const int32_t value = loaded(input, params->source, place);
  const float real =
      params->source == MLBENCH_FLOAT32 ? ((const float *)input)[place] : (float)value;
  switch (params->target) {
    case MLBENCH_INT16:
      ((int16_t *)output)[place] = (int16_t)(uint32_t)value;
      break;
    case MLBENCH_INT32:
      ((int32_t *)output)[place] = value;
      break;
    case MLBENCH_FLOAT32:
      ((float *)output)[place] = real;
      break;
    case MLBENCH_BOOL:
      ((uint8_t *)output)[place] = params->source == MLBENCH_FLOAT32 ? real != 0.0f : value != 0;
      break;
    default:
      ((int8_t *)output)[place] = (int8_t)(uint32_t)value;
  }
}

void mlbench_reference_cast(const struct mlbench_cast *params, const void *input, void *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    cast_one(params, input, output, i);
  }
}
