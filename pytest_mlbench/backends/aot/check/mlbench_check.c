#include "mlbench_check.h"

/* A different value in each state and at each place, so that copied poison is detected. */
static uint8_t poison(uint32_t offset, uint32_t state) {
  const uint8_t value = (uint8_t)(offset * 37u + 0x5bu);
  return state != 0 ? (uint8_t)~value : value;
}

static void fill(uint8_t *arena, uint32_t first, uint32_t bytes, uint32_t state) {
  for (uint32_t i = first; i < first + bytes; ++i) {
    arena[i] = poison(i, state);
  }
}

/* Through a volatile pointer, so that it is not compiled to memcpy, which may be under test. */
static void copy(uint8_t *to, const uint8_t *from, uint32_t bytes) {
  volatile uint32_t *out = (volatile uint32_t *)(void *)to;
  const volatile uint32_t *in = (const volatile uint32_t *)(const void *)from;
  for (uint32_t i = 0; i < bytes / 4; ++i) {
    out[i] = in[i];
  }
}

static int may_write(const struct mlbench_check_step *step, uint32_t offset) {
  for (uint32_t i = 0; i < step->writable_count; ++i) {
    if (offset - step->writable[i].offset < step->writable[i].bytes) {
      return 1;
    }
  }
  return 0;
}

/* Counts changed bytes that the step must not write; `first` becomes the first of them.
 */
static uint32_t wrong_writes(const struct mlbench_check_model *model,
                             const struct mlbench_check_step *step, const uint8_t *before,
                             uint32_t *first) {
  const uint32_t *now = (const uint32_t *)(const void *)model->arena;
  const uint32_t *then = (const uint32_t *)(const void *)before;
  uint32_t count = 0;
  for (uint32_t word = 0; word < model->bytes / 4; ++word) {
    if (now[word] == then[word]) {
      continue;
    }
    for (uint32_t i = 4 * word; i < 4 * word + 4; ++i) {
      if (model->arena[i] != before[i] && !may_write(step, i)) {
        if (count == 0) {
          *first = i;
        }
        ++count;
      }
    }
  }
  return count;
}

/* The first byte of the step's results that differs between the states; `bytes` if none. */
static uint32_t first_difference(const struct mlbench_check_model *model,
                                 const struct mlbench_check_step *step) {
  for (uint32_t region = 0; region < step->result_count; ++region) {
    const uint32_t first = step->writable[region].offset;
    for (uint32_t i = first; i < first + step->writable[region].bytes; ++i) {
      if (model->arena[i] != model->result[i]) {
        return i;
      }
    }
  }
  return model->bytes;
}

/* A byte of poison that `result` depends on: the step runs on the first state with the first bytes
 * of the second one, and the number of these is halved until one more makes the difference. */
static uint32_t culprit(const struct mlbench_check_model *model,
                        const struct mlbench_check_step *step, uint32_t result) {
  uint32_t same = 0, other = model->bytes;
  while (other - same > 1) {
    const uint32_t middle = same + (other - same) / 2;
    copy(model->arena, model->before[0], model->bytes);
    for (uint32_t i = 0; i < middle; ++i) {
      model->arena[i] = model->before[1][i];
    }
    step->run();
    if (model->arena[result] == model->result[result]) {
      same = middle;
    } else {
      other = middle;
    }
  }
  return same;
}

static void begin(const struct mlbench_check_model *model, uint32_t state) {
  fill(model->arena, 0, model->bytes, state);
  for (uint32_t region = 0; region < model->zeroed_count; ++region) {
    for (uint32_t i = 0; i < model->zeroed[region].bytes; ++i) {
      model->arena[model->zeroed[region].offset + i] = 0;
    }
  }
  model->first_values();
  for (uint32_t input = 0; input < model->input_count; ++input) {
    for (uint32_t i = 0; i < model->inputs[input].bytes; ++i) {
      model->arena[model->inputs[input].offset + i] = model->inputs[input].data[i];
    }
  }
  copy(model->before[state], model->arena, model->bytes);
}

/* Runs one step in both states; 0 when nothing was found. */
static int run(const struct mlbench_check_model *model, const struct mlbench_check_step *step,
               struct mlbench_check_finding *finding) {
  for (uint32_t state = 0; state < 2; ++state) {
    copy(model->arena, model->before[state], model->bytes);
    step->run();
    finding->count = wrong_writes(model, step, model->before[state], &finding->offset);
    if (finding->count != 0) {
      finding->kind = MLBENCH_CHECK_WRITE;
      return 1;
    }
    if (state == 0) {
      copy(model->result, model->arena, model->bytes);
    }
  }
  const uint32_t at = first_difference(model, step);
  if (at != model->bytes) {
    finding->result = at;
    finding->offset = at;
    finding->kind = MLBENCH_CHECK_UNWRITTEN;
    if (model->result[at] != poison(at, 0) || model->arena[at] != poison(at, 1)) {
      finding->kind = MLBENCH_CHECK_READ;
      finding->offset = culprit(model, step, at);
    }
    return 1;
  }
  copy(model->before[0], model->result, model->bytes);
  copy(model->before[1], model->arena, model->bytes);
  for (uint32_t i = 0; i < step->dead_count; ++i) {
    for (uint32_t state = 0; state < 2; ++state) {
      fill(model->before[state], step->dead[i].offset, step->dead[i].bytes, state);
    }
  }
  return 0;
}

void mlbench_check_run(const struct mlbench_check_model *model,
                       struct mlbench_check_finding *finding) {
  finding->kind = MLBENCH_CHECK_CLEAN;
  begin(model, 0);
  begin(model, 1);
  for (uint32_t i = 0; i < model->step_count; ++i) {
    const struct mlbench_check_step *step = &model->steps[i];
    finding->during = step->during;
    finding->operator = step->operator;
    if (run(model, step, finding)) {
      return;
    }
  }
}
