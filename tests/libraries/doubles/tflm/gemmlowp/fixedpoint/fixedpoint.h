/* A contract double: the fixed-point arithmetic that gemmlowp's documentation describes. "Qm.n" has
 * m integer and n fractional bits beside the sign. */
#ifndef GEMMLOWP_FIXEDPOINT_H_
#define GEMMLOWP_FIXEDPOINT_H_

#include <cstdint>
#include <limits>

namespace gemmlowp {

/* a * b / 2^31, to the nearest. */
inline int32_t SaturatingRoundingDoublingHighMul(int32_t a, int32_t b) {
  constexpr int32_t least = std::numeric_limits<int32_t>::min();
  if (a == least && b == least) {
    return std::numeric_limits<int32_t>::max();
  }
  return static_cast<int32_t>((static_cast<int64_t>(a) * b + (INT64_C(1) << 30)) >> 31);
}

/* value / 2^exponent, to the nearest, ties away from zero. */
inline int32_t RoundingDivideByPOT(int32_t value, int exponent) {
  const int32_t mask = static_cast<int32_t>((INT64_C(1) << exponent) - 1);
  return (value >> exponent) + ((value & mask) > (mask >> 1) + (value < 0));
}

/* exp(value) as Q0.31, value <= 0 as Q5.26: a polynomial below a quarter, a factor per bit above.
 */
inline int32_t ExpOnNegativeValues(int32_t value) {
  constexpr int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308,
                                 39332535,   720401,     242};
  constexpr int32_t quarter = 1 << 24, exp_minus_eighth = 1895147668, third = 715827883;
  if (value == 0) {
    return std::numeric_limits<int32_t>::max();
  }
  const auto times = SaturatingRoundingDoublingHighMul;
  const int32_t below = (value & (quarter - 1)) - quarter;
  const int32_t x = below * 32 + (1 << 28);
  const int32_t x2 = times(x, x), x3 = times(x2, x);
  const int32_t x4_over_4 = RoundingDivideByPOT(times(x2, x2), 2);
  const int32_t tail = RoundingDivideByPOT(times(x4_over_4 + x3, third) + x2, 1);
  int32_t result = exp_minus_eighth + times(exp_minus_eighth, x + tail);
  for (int bit = 0; bit < 7; bit++) {
    if ((below - value) & (quarter << bit)) {
      result = times(result, factors[bit]);
    }
  }
  return result;
}

/* 1 / (1 + value), value in [0, 1), both Q0.31: three steps of Newton and Raphson. */
inline int32_t OneOverOnePlus(int32_t value) {
  const auto times = SaturatingRoundingDoublingHighMul;
  const int32_t half = static_cast<int32_t>((static_cast<int64_t>(value) + (INT64_C(1) << 31)) / 2);
  int32_t x = 1515870810 + times(half, -1010580540); /* 48/17 - 32/17 * half, Q2.29 */
  for (int step = 0; step < 3; step++) {
    x += times(x, (1 << 29) - times(half, x)) * 4;
  }
  return x > (1 << 30) - 1 ? std::numeric_limits<int32_t>::max() : x * 2;
}

}  // namespace gemmlowp

#endif
