/* QUANTIZE of float32: stored = clamp(round(real / scale) + zero_point), halves away from zero.
 *
 * The F unit has this rounding mode: load, division, conversion, clamp, zero point, store and 3
 * for pointers and loop: 11 instructions per value. As in the reference kernel, values beyond
 * int32 saturate, and NaN gives the zero point.
 */
#include "mlbench_requantise.h"
#include "mlbench_tuned.h"

#if defined(__riscv_flen)
static inline int32_t rounded(float value) {
  int32_t whole;
  __asm__("fcvt.w.s %0, %1, rmm" : "=r"(whole) : "f"(value));
  return value != value ? 0 : whole;
}
#else
static inline int32_t rounded(float value) {
  if (value != value) {
    return 0;
  }
  value = value > 512.0f ? 512.0f : value;
  value = value < -512.0f ? -512.0f : value;
  const int32_t whole = (int32_t)value;
  const float rest = value - (float)whole;
  return whole + (rest >= 0.5f) - (rest <= -0.5f);
}
#endif

void mlbench_tuned_quantize(const struct mlbench_tuned_quantize *params, const float *input,
                            int8_t *output) {
  const int32_t zero_point = params->zero_point;
  const int32_t low = -128 - zero_point, high = 127 - zero_point;
  const float scale = params->scale;
  for (int32_t left = params->count; left > 0; --left) {
    *output++ = (int8_t)(mlbench_clamp(rounded(*input++ / scale), low, high) + zero_point);
  }
}
