#include "arm_nnfunctions.h"
#include "arm_nnsupportfunctions.h"

/* The fixed-point functions are those that TensorFlow Lite's quantised softmax is defined by. In
 * comments, Qi.f is a number with i integer and f fractional bits. */

#define MUL(a, b) arm_nn_doubling_high_mult((a), (b))

/* value * 2^shift, saturated. */
static int32_t shift_left(int32_t value, int shift) {
  const int64_t wide = (int64_t)value * (INT64_C(1) << shift);
  return wide > NN_Q31_MAX ? NN_Q31_MAX : wide < NN_Q31_MIN ? NN_Q31_MIN : (int32_t)wide;
}

/* exp(x), x in [-1/4, 0), Q0.31: a Taylor polynomial of degree 4 around -1/8. */
static int32_t exp_of_small(int32_t value) {
  const int32_t at_middle = 1895147668; /* exp(-1/8) */
  const int32_t third = 715827883;
  const int32_t x = value + (1 << 28);
  const int32_t x2 = MUL(x, x);
  const int32_t x3 = MUL(x2, x);
  const int32_t x4_over_4 = arm_nn_divide_by_power_of_two(MUL(x2, x2), 2);
  const int32_t rest = arm_nn_divide_by_power_of_two(MUL(x4_over_4 + x3, third) + x2, 1);
  return at_middle + MUL(at_middle, x + rest);
}

/* exp(x), x <= 0 in Q5.26, as Q0.31: the part below 1/4 by the polynomial, each bit of what is
 * left by a factor exp(-2^bit). */
static int32_t exp_of_negative(int32_t value) {
  static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308,
                                    39332535,   720401,     242};
  const int32_t quarter = 1 << 24;
  const int32_t low = (value & (quarter - 1)) - quarter;
  const int32_t rest = low - value;
  int32_t result = exp_of_small(shift_left(low, 5));
  for (int bit = 0; bit < 7; bit++) {
    if (rest & (1 << (24 + bit))) {
      result = MUL(result, factors[bit]);
    }
  }
  return value == 0 ? NN_Q31_MAX : result;
}

/* 1 / (1 + x), x in [0, 1) as Q0.31: three Newton-Raphson steps in Q2.29. */
static int32_t reciprocal_of_one_plus(int32_t value) {
  const int64_t sum = (int64_t)value + NN_Q31_MAX;
  const int32_t half = (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
  int32_t x = 1515870810 + MUL(half, -1010580540); /* 48/17 - 32/17 * half */
  for (int step = 0; step < 3; step++) {
    const int32_t error = (1 << 29) - MUL(half, x);
    x += shift_left(MUL(x, error), 2);
  }
  return shift_left(x, 1);
}

void arm_softmax_s8(const int8_t *input, const int32_t num_rows, const int32_t row_size,
                    const int32_t mult, const int32_t shift, const int32_t diff_min,
                    int8_t *output) {
  const int accumulator_bits = 12;
  for (int32_t row = 0; row < num_rows; row++) {
    int32_t largest = input[0];
    for (int32_t i = 1; i < row_size; i++) {
      largest = input[i] > largest ? input[i] : largest;
    }
    int32_t sum = 0;
    for (int32_t i = 0; i < row_size; i++) {
      const int32_t diff = input[i] - largest;
      if (diff >= diff_min) {
        const int32_t scaled = MUL((int32_t)((uint32_t)diff << shift), mult);
        sum += arm_nn_divide_by_power_of_two(exp_of_negative(scaled), accumulator_bits);
      }
    }
    const int headroom = __builtin_clz((unsigned)sum);
    const int32_t fraction = (int32_t)(((uint32_t)sum << headroom) - (UINT32_C(1) << 31));
    const int32_t scale = reciprocal_of_one_plus(fraction);
    const int bits = accumulator_bits - headroom + 31 - 8;
    for (int32_t i = 0; i < row_size; i++) {
      const int32_t diff = input[i] - largest;
      int32_t value = NN_Q7_MIN;
      if (diff >= diff_min) {
        const int32_t scaled = MUL((int32_t)((uint32_t)diff << shift), mult);
        value += arm_nn_divide_by_power_of_two(MUL(scale, exp_of_negative(scaled)), bits);
        value = value > NN_Q7_MAX ? NN_Q7_MAX : value;
      }
      output[i] = (int8_t)value;
    }
    input += row_size;
    output += row_size;
  }
}
