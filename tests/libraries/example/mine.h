#ifndef MINE_H
#define MINE_H

#include "mlbench_kernels.h"

void mine_fully_connected(const struct mlbench_fully_connected *params, const int8_t *input,
                          const int8_t *weights, int8_t *output);

#endif
