#include "arm_nnfunctions.h"

/* One row of int32 sums, as the library's vector-less SIMD code has; scalar code needs none. */
int32_t arm_avgpool_s8_get_buffer_size(const int dim_dst_width, const int ch_src) {
  (void)dim_dst_width;
  return ch_src * (int32_t)sizeof(int32_t);
}
