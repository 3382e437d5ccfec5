/* SOFTMAX whose exponentials are computed once.
 *
 * The arithmetic is that of the reference kernel (see kernels/reference/softmax.c), which computes
 * every exponential twice, for the sum and for the output. Here they are kept in `scratch`, or read
 * from a table, because they depend only on the difference to the row's largest value:
 * table[-difference] is exp in Q0.31, 0 below the least difference that counts. Instructions per
 * value: 3 to find the largest, about 110 for an exponential (7 from the table), 10 for the sum and
 * 17 for the output.
 */
#include "mlbench_requantise.h"
#include "mlbench_tuned.h"
#include "mlbench_tuned_exponential.h"

/* Rounded value / 2^shift; neither is negative. */
static uint32_t divided(uint32_t value, int32_t shift) {
  return (value + (1u << (shift - 1))) >> shift;
}

static __attribute__((noinline)) int32_t exponential(const struct mlbench_tuned_softmax *p,
                                                     int32_t difference) {
  if (difference < p->diff_min) {
    return 0;
  }
  return exp_of_negative(
      mlbench_high_mul((int32_t)((uint32_t)difference << p->shift), p->multiplier));
}

/* The outputs of a row from its exponentials. Their sum in Q12.19 is 2^over_unit * (1 + fraction):
 * its leading one is moved to bit 31. */
static __attribute__((noinline)) void outputs(const int32_t *exponentials, int32_t depth,
                                              int8_t *output) {
  uint32_t sum = 0;
  for (int32_t i = 0; i < depth; ++i) {
    sum += divided((uint32_t)exponentials[i], 12);
  }
  int32_t exponent = 12 + 23;
  for (; (sum & 0x80000000u) == 0; sum <<= 1) {
    --exponent;
  }
  const int32_t scale = mlbench_one_over_one_plus((int32_t)(sum - 0x80000000u));
  for (; depth > 0; --depth) {
    uint32_t value = 0;
    if (exponent <= 31) {
      value = divided((uint32_t)mlbench_high_mul(scale, *exponentials++), exponent);
    }
    *output++ = (int8_t)((value > 255 ? 255 : (int32_t)value) - 128);
  }
}

static int32_t largest(const int8_t *input, int32_t depth) {
  int32_t most = -128;
  for (; depth > 0; --depth, ++input) {
    most = *input > most ? *input : most;
  }
  return most;
}

void mlbench_tuned_softmax(const struct mlbench_tuned_softmax *params, const int8_t *input,
                           int8_t *output, void *scratch) {
  for (int32_t row = params->rows; row > 0; --row) {
    const int32_t most = largest(input, params->depth);
    int32_t *to = scratch;
    for (const int8_t *end = input + params->depth; input != end;) {
      *to++ = exponential(params, *input++ - most);
    }
    outputs(scratch, params->depth, output);
    output += params->depth;
  }
}

void mlbench_tuned_softmax_table(const struct mlbench_tuned_softmax_table *params,
                                 const int8_t *input, int8_t *output, void *scratch) {
  for (int32_t row = params->rows; row > 0; --row) {
    const int32_t *table = params->table + largest(input, params->depth);
    int32_t *to = scratch;
    for (const int8_t *end = input + params->depth; input != end;) {
      *to++ = table[-*input++];
    }
    outputs(scratch, params->depth, output);
    output += params->depth;
  }
}
