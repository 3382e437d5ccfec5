/* Copies and fills by words if both addresses have the same alignment, else by bytes. Compiled with
 * -fno-builtin, so that no loop becomes a call of its own function. */
#include <stdint.h>
#include <string.h>

typedef uint32_t __attribute__((may_alias)) word;

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  unsigned char *out = to;
  const unsigned char *in = from;
  if ((((uintptr_t)out ^ (uintptr_t)in) & 3) == 0) {
    while (bytes > 0 && ((uintptr_t)out & 3) != 0) {
      *out++ = *in++;
      bytes--;
    }
    for (; bytes >= 16; bytes -= 16, out += 16, in += 16) {
      const word a = ((const word *)in)[0], b = ((const word *)in)[1];
      const word c = ((const word *)in)[2], d = ((const word *)in)[3];
      ((word *)out)[0] = a;
      ((word *)out)[1] = b;
      ((word *)out)[2] = c;
      ((word *)out)[3] = d;
    }
    for (; bytes >= 4; bytes -= 4, out += 4, in += 4) {
      *(word *)out = *(const word *)in;
    }
  }
  while (bytes-- > 0) {
    *out++ = *in++;
  }
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  unsigned char *out = to;
  const unsigned char *in = from;
  if ((uintptr_t)out - (uintptr_t)in >= bytes) {
    return memcpy(to, from, bytes);
  }
  while (bytes-- > 0) {
    out[bytes] = in[bytes];
  }
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  unsigned char *out = to;
  const word all = (unsigned char)value * (word)0x01010101;
  while (bytes > 0 && ((uintptr_t)out & 3) != 0) {
    *out++ = (unsigned char)value;
    bytes--;
  }
  for (; bytes >= 16; bytes -= 16, out += 16) {
    ((word *)out)[0] = all;
    ((word *)out)[1] = all;
    ((word *)out)[2] = all;
    ((word *)out)[3] = all;
  }
  for (; bytes >= 4; bytes -= 4, out += 4) {
    *(word *)out = all;
  }
  while (bytes-- > 0) {
    *out++ = (unsigned char)value;
  }
  return to;
}

int memcmp(const void *left, const void *right, size_t bytes) {
  const unsigned char *a = left, *b = right;
  for (; bytes > 0; bytes--, a++, b++) {
    if (*a != *b) {
      return *a - *b;
    }
  }
  return 0;
}
