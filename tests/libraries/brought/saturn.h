#ifndef SATURN_H
#define SATURN_H

#include <stdint.h>

struct saturn_scale {
  int32_t count, factor;
};

void saturn_saturating_scale(const struct saturn_scale *params, const int8_t *input,
                             int8_t *output);

#endif
