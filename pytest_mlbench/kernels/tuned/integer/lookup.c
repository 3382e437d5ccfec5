/* A function of one stored value by its table of 256 bytes: LOGISTIC, TANH, RELU, QUANTIZE between
 * integers. Four values at once: load, address, load, store each, and 4 for pointers and loop: 5
 * instructions per value. Input and output may be the same buffer.
 */
#include "mlbench_tuned.h"

void mlbench_tuned_lookup(const struct mlbench_tuned_lookup *params, const uint8_t *input,
                          uint8_t *output) {
  const uint8_t *table = params->table;
  const uint8_t *end = input + (params->count & ~3);
  for (; input != end; input += 4, output += 4) {
    const uint8_t a = table[input[0]], b = table[input[1]];
    const uint8_t c = table[input[2]], d = table[input[3]];
    output[0] = a;
    output[1] = b;
    output[2] = c;
    output[3] = d;
  }
  for (int32_t left = params->count & 3; left > 0; --left) {
    *output++ = table[*input++];
  }
}
