/* SaturatingScale, int8: each stored value times a whole number, saturated. */
#include "saturn.h"

void saturn_saturating_scale(const struct saturn_scale *params, const int8_t *input,
                             int8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    const int32_t value = input[i] * params->factor;
    output[i] = (int8_t)(value < -128 ? -128 : value > 127 ? 127 : value);
  }
}
