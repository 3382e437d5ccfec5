/* The firmware contract on the host: samples from standard input until its end, outputs to
 * standard output. Inputs are overwritten for every sample, as a target does it. */
#include <stdio.h>

#include "mlbench_firmware.h"

int main(void) {
  if (mlbench_setup() != 0) {
    return 3;
  }
#ifdef MLBENCH_PROBE
  fwrite(mlbench_probe, sizeof mlbench_probe[0], mlbench_probe_count, stdout);
  return 0;
#endif
  for (;;) {
    for (uint32_t i = 0; i < mlbench_input_count; ++i) {
      const uint32_t bytes = mlbench_inputs[i].bytes;
      if (fread(mlbench_inputs[i].data, 1, bytes, stdin) != bytes) {
        return 0;
      }
    }
    if (mlbench_invoke() != 0) {
      return 4;
    }
    for (uint32_t i = 0; i < mlbench_output_count; ++i) {
      fwrite(mlbench_outputs[i].data, 1, mlbench_outputs[i].bytes, stdout);
    }
#ifdef MLBENCH_RESET
    if (mlbench_reset() != 0) {
      return 5;
    }
#endif
  }
}
