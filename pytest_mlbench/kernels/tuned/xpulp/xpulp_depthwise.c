/* DEPTHWISE_CONV_2D 3x3, depth multiplier 1: one channel after the other, xpulp_depthwise.S.
 *
 * The output may begin where the input begins: an output lies over pixels of its own channel, and
 * these are in the plane already.
 */
#include <string.h>

#include "mlbench_tuned.h"

enum { CONSTANTS = 9 }; /* words of a channel */

void mlbench_tuned_xpulp_depthwise(const struct mlbench_tuned_xpulp_depthwise *params,
                                   const int8_t *input, int8_t *output, void *scratch) {
  const int32_t *constants = params->constants;
  int8_t *plane = scratch;
  memset(plane, params->zero_point, (uint32_t)params->plane_bytes);
  for (int32_t c = 0; c < params->channels; ++c) {
    mlbench_tuned_xpulp_plane(params, input + c, plane + params->first);
    if (params->stride == 1) {
      mlbench_tuned_xpulp_lines(params, plane, output + c, constants);
    } else {
      mlbench_tuned_xpulp_lines_s2(params, plane, output + c, constants);
    }
    constants += CONSTANTS;
  }
}
