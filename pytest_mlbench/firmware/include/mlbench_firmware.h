/* The interface between a target's start-up code and a backend's generated model.
 *
 * The target's main calls mlbench_setup() once and mlbench_invoke() once per sample, each inside
 * one pair of counter reads with nothing else between them. Before each invoke it writes the
 * sample into the buffers of mlbench_inputs; after it, it sends the buffers of mlbench_outputs.
 * mlbench_invoke() may overwrite the input buffers, so inputs are written for every sample.
 */
#ifndef MLBENCH_FIRMWARE_H
#define MLBENCH_FIRMWARE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mlbench_buffer {
  void *data;
  uint32_t bytes;
};

/* Must be filled in when mlbench_setup() returns. */
extern struct mlbench_buffer mlbench_inputs[];
extern struct mlbench_buffer mlbench_outputs[];
extern const uint32_t mlbench_input_count;
extern const uint32_t mlbench_output_count;

/* Both return 0, or an error code of the backend, which fails the run. */
int32_t mlbench_setup(void);
int32_t mlbench_invoke(void);

/* Only a firmware that resets its state has this: with MLBENCH_RESET the target calls it after each
 * sample, uncounted. It returns 0 or a code, as the others do. */
#ifdef MLBENCH_RESET
int32_t mlbench_reset(void);
#endif

/* Only a firmware generated with `profile` calls this, after each operator: it stores the
 * counters since the previous call (or since the start of the inference). Targets define it. */
#ifdef MLBENCH_PROFILE
void mlbench_profile_operator(uint32_t index);
#endif

/* Only a probing firmware has these: numbers for the backend's second pass. With MLBENCH_PROBE
 * the target calls mlbench_setup(), sends the numbers and stops. */
#ifdef MLBENCH_PROBE
extern uint32_t mlbench_probe[];
extern const uint32_t mlbench_probe_count;
#endif

#ifdef __cplusplus
}
#endif

#endif
