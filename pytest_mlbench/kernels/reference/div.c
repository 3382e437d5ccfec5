/* DIV, int8, with broadcasting.
 *
 * Arithmetic: the divisor's reciprocal in Q0.31 by Newton-Raphson (mlbench_reciprocal.h), times
 * the dividend with its leading bit on top, scaled to the output with one more rounding;
 * output_offset added, clamped. The last shift is counted modulo 32, as TensorFlow Lite Micro's is
 * on RISC-V. A divisor of 0 is undefined there; here the quotient saturates.
 */
#include "mlbench_broadcast.h"
#include "mlbench_reciprocal.h"
#include "mlbench_requantise.h"
#include "mlbench_sums.h"

/* How often `value`, above 0, can be doubled without reaching `limit`. */
static int32_t headroom(uint32_t value, uint32_t limit) {
  int32_t count = 0;
  for (; (value & limit) == 0; value <<= 1) {
    ++count;
  }
  return count;
}

/* RoundingDivideByPOT, of exponents beyond 31 as well. */
static int32_t divided(int32_t value, int32_t exponent) {
  if (exponent <= 31) {
    return mlbench_divide_pot(value, exponent);
  }
  return (value >> (exponent & 31)) + (value > (value < 0 ? 0 : -1));
}

static int8_t quotient(const struct mlbench_div *params, int32_t left, int32_t right) {
  left += params->left_offset;
  right += params->right_offset;
  if (right < 0) {
    left = -left;
    right = -right;
  }
  int32_t value = left < 0 ? -512 : left > 0 ? 512 : 0;
  if (right != 0) {
    const int32_t over = headroom((uint32_t)right, 0x80000000u);
    const int32_t inverse =
        mlbench_one_over_one_plus((int32_t)(((uint32_t)right << over) & 0x7FFFFFFFu));
    /* For a negative number, count the bits after the leading ones. */
    const uint32_t bits = (uint32_t)(left < 0 ? ~left : left);
    const int32_t room = bits == 0 ? 31 : headroom(bits, 0x40000000u);
    const int32_t raw = mlbench_high_mul((int32_t)((uint32_t)left << room), inverse);
    const int32_t total = params->output_shift - (31 - over) - room;
    value = divided(mlbench_high_mul(raw, params->output_multiplier), -total);
  }
  return (int8_t)mlbench_clamp(value + params->output_offset, params->activation_min,
                               params->activation_max);
}

void mlbench_reference_div(const struct mlbench_div *params, const int8_t *left,
                           const int8_t *right, int8_t *output) {
  int32_t index[MLBENCH_MAX_DIMS] = {0}, from_left = 0, from_right = 0;
  for (int32_t i = 0; i < params->count; ++i) {
    output[i] = quotient(params, left[from_left], right[from_right]);
    mlbench_next_pair(params->broadcast, index, &from_left, &from_right);
  }
}
