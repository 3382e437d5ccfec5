/* LOGISTIC and TANH, int8: a table of all 256 results, computed by the generator with TensorFlow
 * Lite's fixed-point arithmetic (see the aot backend's fixed_point.py). Input and output may be
 * the same buffer.
 */
#include "mlbench_kernels.h"

void mlbench_reference_lookup(const struct mlbench_lookup *params, const int8_t *input,
                              int8_t *output) {
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = params->table[(uint8_t)input[i]];
  }
}
