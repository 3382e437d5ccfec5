#include "mlbench_cmsisnn.h"

void mlbench_cmsisnn_refused(void) { __builtin_trap(); }

void mlbench_cmsisnn_scratch_too_small(void) { __builtin_trap(); }
