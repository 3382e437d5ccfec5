/* A checked inference: every operator runs twice, and its reads and writes are checked.
 *
 * No two buffers share a byte, there are guard zones between them, and all unwritten bytes are
 * poisoned, with different values in the two runs. So there are two states of the arena, which
 * differ only in poison. After each step
 *   - bytes that the step may not write must be unchanged, in both states;
 *   - its results must be the same in both states, otherwise they depend on poison.
 * The first fault ends the inference.
 */
#ifndef MLBENCH_CHECK_H
#define MLBENCH_CHECK_H

#include <stdint.h>

enum mlbench_check_kind {
  MLBENCH_CHECK_CLEAN = 0,
  MLBENCH_CHECK_WRITE = 1,     /* it wrote a byte that it must not write */
  MLBENCH_CHECK_READ = 2,      /* a result depends on a byte that nothing has written */
  MLBENCH_CHECK_UNWRITTEN = 3, /* it left a byte of its results unwritten */
};

/* What is sent to the host, as little-endian words. */
struct mlbench_check_finding {
  uint32_t kind;
  uint32_t during;   /* 0: set-up, 1: inference */
  uint32_t operator; /* its place in the model */
  uint32_t offset;   /* in the arena: the byte that was written, read, or left */
  uint32_t result;   /* READ: the first byte of the results that depends on it */
  uint32_t count;    /* WRITE: how many bytes are wrong */
};

struct mlbench_check_region {
  uint32_t offset;
  uint32_t bytes;
};

struct mlbench_check_step {
  void (*run)(void);
  uint32_t during;
  uint32_t operator;
  const struct mlbench_check_region *writable; /* the results first, then scratch and the like */
  uint32_t writable_count;
  uint32_t result_count;
  const struct mlbench_check_region *dead; /* what nobody reads after this step */
  uint32_t dead_count;
};

struct mlbench_check_input {
  uint32_t offset;
  uint32_t bytes;
  const uint8_t *data;
};

/* `bytes` is a multiple of 4; `arena`, `before[0]`, `before[1]` and `result` have so many each.
 * `zeroed` are the buffers that begin as 0, `first_values` gives variables their first value. */
struct mlbench_check_model {
  uint8_t *arena;
  uint8_t *before[2];
  uint8_t *result;
  uint32_t bytes;
  const struct mlbench_check_region *zeroed;
  uint32_t zeroed_count;
  const struct mlbench_check_input *inputs;
  uint32_t input_count;
  const struct mlbench_check_step *steps;
  uint32_t step_count;
  void (*first_values)(void);
};

void mlbench_check_run(const struct mlbench_check_model *model,
                       struct mlbench_check_finding *finding);

#endif
