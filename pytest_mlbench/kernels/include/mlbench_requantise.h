/* The fixed-point arithmetic of TensorFlow Lite's integer kernels, with double rounding.
 *
 * Sources: Jacob et al., "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference", CVPR 2018, section 2.2 and appendix B; the definitions of
 * SaturatingRoundingDoublingHighMul and RoundingDivideByPOT in the gemmlowp documentation.
 */
#ifndef MLBENCH_REQUANTISE_H
#define MLBENCH_REQUANTISE_H

#include <stdint.h>

/* round(a * b / 2^31), ties upwards. gemmlowp's form (a nudge that takes the product's sign, then
 * a division that truncates) is the same function: for a negative product p,
 * ceil((p + 1 - 2^30) / 2^31) = floor((p + 2^30) / 2^31). The one input that would saturate,
 * a = b = -2^31, cannot occur: multipliers are not negative. */
static inline int32_t mlbench_high_mul(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* round(value / 2^exponent), ties away from zero; exponent in [0, 31]. */
static inline int32_t mlbench_divide_pot(int32_t value, int32_t exponent) {
  const int32_t mask = (int32_t)(((uint32_t)1 << exponent) - 1);
  const int32_t threshold = (mask >> 1) + (value < 0);
  return (value >> exponent) + ((value & mask) > threshold);
}

/* value * multiplier * 2^(shift - 31), rounded twice. A left shift wraps modulo 2^32 as the
 * reference's does. */
static inline int32_t mlbench_requantise(int32_t value, int32_t multiplier, int32_t shift) {
  const int32_t left = shift > 0 ? shift : 0;
  const int32_t right = shift > 0 ? 0 : -shift;
  return mlbench_divide_pot(mlbench_high_mul((int32_t)((uint32_t)value << left), multiplier),
                            right);
}

static inline int32_t mlbench_clamp(int32_t value, int32_t low, int32_t high) {
  value = value < low ? low : value;
  return value > high ? high : value;
}

#endif
