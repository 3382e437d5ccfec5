#include "arm_nnfunctions.h"

/* Room for one sum per output where a build uses kernel sums, else nothing. */
int32_t arm_fully_connected_s8_get_buffer_size(const cmsis_nn_dims *filter_dims) {
#ifdef DOUBLE_KERNEL_SUMS
  return filter_dims->c * (int32_t)sizeof(int32_t);
#else
  (void)filter_dims;
  return 0;
#endif
}
