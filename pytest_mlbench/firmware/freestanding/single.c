/* IEEE 754 single precision in integers: what a compiler calls for `+ - * /`, comparisons and
 * conversions where the core has no F unit. Rounds to nearest, ties to even; with subnormals,
 * infinities and one NaN. Inside, a significand is 31 bits: bit 30 leads, the lowest 7 are beyond
 * the format's precision, and the very lowest also stands for everything that was cut off. */
#include <stdint.h>

#ifndef MLBENCH_SINGLE
#define MLBENCH_SINGLE(name) __##name
#endif

#define SIGN UINT32_C(0x80000000)
#define INFINITE UINT32_C(0x7f800000)
#define NO_NUMBER UINT32_C(0x7fc00000)
#define LEADING (UINT32_C(1) << 30)
#define HIDDEN (UINT32_C(1) << 23)
#define EXTRA 7

union word {
  float value;
  uint32_t bits;
};

struct parts {
  uint32_t sign;
  int32_t exponent; /* biased; below 1 for a subnormal that was normalised */
  uint32_t significand;
};

static uint32_t bits_of(float value) {
  const union word word = {.value = value};
  return word.bits;
}

static float from_bits(uint32_t bits) {
  const union word word = {.bits = bits};
  return word.value;
}

static int is_nan(uint32_t bits) { return (bits & ~SIGN) > INFINITE; }

static uint32_t shifted_right(uint32_t significand, int32_t by) {
  if (by > 31) {
    return significand != 0;
  }
  return by == 0 ? significand : (significand >> by) | ((significand << (32 - by)) != 0);
}

/* Of a number that is neither 0, infinite nor a NaN. */
static struct parts unpacked(uint32_t bits) {
  struct parts parts = {bits & SIGN, (int32_t)((bits & INFINITE) >> 23), bits & (HIDDEN - 1)};
  if (parts.exponent == 0) {
    parts.exponent = 1;
    while (parts.significand < HIDDEN) {
      parts.significand <<= 1;
      parts.exponent--;
    }
  }
  parts.significand = (parts.significand | HIDDEN) << EXTRA;
  return parts;
}

/* Rounds. The leading bit is bit 30 or 31. */
static float packed(uint32_t sign, int32_t exponent, uint32_t significand) {
  if (significand >= 2 * LEADING) {
    significand = shifted_right(significand, 1);
    exponent++;
  }
  if (exponent >= 255) {
    return from_bits(sign | INFINITE);
  }
  uint32_t hidden = HIDDEN;
  if (exponent < 1) {
    significand = shifted_right(significand, 1 - exponent);
    exponent = 0;
    hidden = 0;
  }
  const int tie = (significand & 127) == 64;
  significand = (significand + 64) >> EXTRA;
  if (tie) {
    significand &= ~UINT32_C(1);
  }
  /* A carry out of the significand makes the exponent one more, as it should. */
  return from_bits(sign | (((uint32_t)exponent << 23) + significand - hidden));
}

static float sum(uint32_t a, uint32_t b) {
  if (is_nan(a) || is_nan(b)) {
    return from_bits(NO_NUMBER);
  }
  if ((a & ~SIGN) < (b & ~SIGN)) {
    const uint32_t larger = b;
    b = a;
    a = larger;
  }
  if ((a & ~SIGN) == INFINITE) {
    return from_bits(b == (a ^ SIGN) ? NO_NUMBER : a);
  }
  if ((b & ~SIGN) == 0) {
    return from_bits((a & ~SIGN) == 0 ? a & b : a);
  }
  struct parts x = unpacked(a);
  const struct parts y = unpacked(b);
  const uint32_t small = shifted_right(y.significand, x.exponent - y.exponent);
  if (x.sign == y.sign) {
    return packed(x.sign, x.exponent, x.significand + small);
  }
  x.significand -= small;
  if (x.significand == 0) {
    return 0;
  }
  while (x.significand < LEADING) {
    x.significand <<= 1;
    x.exponent--;
  }
  return packed(x.sign, x.exponent, x.significand);
}

float MLBENCH_SINGLE(addsf3)(float a, float b) { return sum(bits_of(a), bits_of(b)); }

float MLBENCH_SINGLE(subsf3)(float a, float b) { return sum(bits_of(a), bits_of(b) ^ SIGN); }

float MLBENCH_SINGLE(mulsf3)(float a, float b) {
  const uint32_t left = bits_of(a), right = bits_of(b), sign = (left ^ right) & SIGN;
  const uint32_t large = (left & ~SIGN) > (right & ~SIGN) ? left & ~SIGN : right & ~SIGN;
  const int none = (left & ~SIGN) == 0 || (right & ~SIGN) == 0;
  if (large >= INFINITE) {
    return from_bits(large > INFINITE || none ? NO_NUMBER : sign | INFINITE);
  }
  if (none) {
    return from_bits(sign);
  }
  const struct parts x = unpacked(left), y = unpacked(right);
  /* Two times 24 bits: the leading one is bit 46 or 47, and then bit 30 or 31. */
  const uint64_t product = (uint64_t)(x.significand >> EXTRA) * (y.significand >> EXTRA);
  const uint32_t rest = ((uint32_t)product & 0xffff) != 0;
  return packed(sign, x.exponent + y.exponent - 127, (uint32_t)(product >> 16) | rest);
}

float MLBENCH_SINGLE(divsf3)(float a, float b) {
  const uint32_t left = bits_of(a), right = bits_of(b), sign = (left ^ right) & SIGN;
  const uint32_t above = left & ~SIGN, below = right & ~SIGN;
  if (above > INFINITE || below > INFINITE || above + below == 0 ||
      (above == below && above == INFINITE)) {
    return from_bits(NO_NUMBER);
  }
  if (above == INFINITE || below == 0) {
    return from_bits(sign | INFINITE);
  }
  if (above == 0 || below == INFINITE) {
    return from_bits(sign);
  }
  const struct parts x = unpacked(left), y = unpacked(right);
  int32_t exponent = x.exponent - y.exponent + 127;
  uint32_t remainder = x.significand >> EXTRA;
  const uint32_t divisor = y.significand >> EXTRA;
  if (remainder < divisor) {
    remainder <<= 1;
    exponent--;
  }
  uint32_t quotient = 0;
  for (int bit = 0; bit < 31; bit++) {
    quotient <<= 1;
    if (remainder >= divisor) {
      remainder -= divisor;
      quotient |= 1;
    }
    remainder <<= 1;
  }
  return packed(sign, exponent, quotient | (remainder != 0));
}

/* -1, 0 or 1; `unordered` with a NaN. */
static int compared(float a, float b, int unordered) {
  const uint32_t left = bits_of(a), right = bits_of(b);
  if (is_nan(left) || is_nan(right)) {
    return unordered;
  }
  const int32_t x = left & SIGN ? -(int32_t)(left & ~SIGN) : (int32_t)left;
  const int32_t y = right & SIGN ? -(int32_t)(right & ~SIGN) : (int32_t)right;
  return (x > y) - (x < y);
}

int MLBENCH_SINGLE(eqsf2)(float a, float b) { return compared(a, b, 1); }
int MLBENCH_SINGLE(nesf2)(float a, float b) { return compared(a, b, 1); }
int MLBENCH_SINGLE(ltsf2)(float a, float b) { return compared(a, b, 1); }
int MLBENCH_SINGLE(lesf2)(float a, float b) { return compared(a, b, 1); }
int MLBENCH_SINGLE(gtsf2)(float a, float b) { return compared(a, b, -1); }
int MLBENCH_SINGLE(gesf2)(float a, float b) { return compared(a, b, -1); }
int MLBENCH_SINGLE(unordsf2)(float a, float b) { return is_nan(bits_of(a)) || is_nan(bits_of(b)); }

/* Towards 0. What does not fit becomes the nearest integer that does, a NaN 0. */
int32_t MLBENCH_SINGLE(fixsfsi)(float a) {
  const uint32_t bits = bits_of(a);
  const int32_t shift = (int32_t)((bits & INFINITE) >> 23) - 127;
  if (shift < 0 || is_nan(bits)) {
    return 0;
  }
  if (shift > 30) {
    return bits & SIGN ? INT32_MIN : INT32_MAX;
  }
  const uint32_t significand = (bits & (HIDDEN - 1)) | HIDDEN;
  const uint32_t whole = shift > 23 ? significand << (shift - 23) : significand >> (23 - shift);
  return bits & SIGN ? -(int32_t)whole : (int32_t)whole;
}

static float converted(uint32_t sign, uint32_t whole) {
  int32_t exponent = 127 + 30;
  if (whole == 0) {
    return 0;
  }
  while (whole < LEADING) {
    whole <<= 1;
    exponent--;
  }
  return packed(sign, exponent, whole);
}

float MLBENCH_SINGLE(floatsisf)(int32_t a) {
  return a < 0 ? converted(SIGN, 0 - (uint32_t)a) : converted(0, (uint32_t)a);
}

float MLBENCH_SINGLE(floatunsisf)(uint32_t a) { return converted(0, a); }
