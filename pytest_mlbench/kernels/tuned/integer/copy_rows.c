/* Copies of rows, fills and moves of bytes, in words where possible.
 *
 * Instructions per byte of a row: 0.6 if rows begin and end at words (2 for each word, and a
 * quarter of 5); otherwise 1.9: words are put together from two neighbouring ones (6 for each word
 * and the loop). Rows of less than 16 bytes that are not whole words: 2.5. */
#include "mlbench_tuned_moves.h"

typedef uint32_t __attribute__((may_alias)) word;

#define INLINE static inline __attribute__((always_inline))

#define SHORT 16 /* bytes; not worth aligning below */

INLINE void copy_bytes(int8_t *to, const int8_t *from, int32_t count) {
#ifndef MLBENCH_TUNED_SMALL
  for (; count >= 4; count -= 4) {
    const int8_t a = from[0], b = from[1], c = from[2], d = from[3];
    to[0] = a;
    to[1] = b;
    to[2] = c;
    to[3] = d;
    from += 4;
    to += 4;
  }
#endif
  for (; count > 0; --count) {
    *to++ = *from++;
  }
}

INLINE void copy_words(int8_t *to, const int8_t *from, int32_t count) {
#ifndef MLBENCH_TUNED_SMALL
  for (; count >= 16; count -= 16) {
    const word a = ((const word *)from)[0], b = ((const word *)from)[1];
    const word c = ((const word *)from)[2], d = ((const word *)from)[3];
    ((word *)to)[0] = a;
    ((word *)to)[1] = b;
    ((word *)to)[2] = c;
    ((word *)to)[3] = d;
    from += 16;
    to += 16;
  }
#endif
  for (; count > 0; count -= 4) {
    *(word *)to = *(const word *)from;
    from += 4;
    to += 4;
  }
}

/* `to` is aligned, `from` is not: words of the source are shifted together. All words that are read
 * lie inside the source's `count` bytes. Returns how many bytes are copied. */
INLINE int32_t copy_shifted(int8_t *to, const int8_t *from, int32_t count) {
  const int32_t past = (int32_t)((uintptr_t)from & 3), right = 8 * past, left = 32 - right;
  int32_t copied = 0;
  word last = 0;
  for (int32_t i = past; i < 4; ++i) {
    last |= (word)(uint8_t)from[i - past] << (8 * i);
  }
  const word *source = (const word *)(from + 4 - past);
  for (; copied + 8 - past <= count; copied += 4) {
    const word next = *source++;
    *(word *)(to + copied) = last >> right | next << left;
    last = next;
  }
  return copied;
}

static __attribute__((noinline)) void copy_any(int8_t *to, const int8_t *from, int32_t count) {
  if (count >= SHORT) {
    const int32_t head = (int32_t)(-(uintptr_t)to & 3);
    copy_bytes(to, from, head);
    to += head;
    from += head;
    count -= head;
    int32_t copied = count & ~3;
    if (((uintptr_t)from & 3) == 0) {
      copy_words(to, from, copied);
    } else {
      copied = copy_shifted(to, from, count);
    }
    to += copied;
    from += copied;
    count -= copied;
  }
  copy_bytes(to, from, count);
}

void mlbench_tuned_copy_rows(int8_t *to, const int8_t *from, int32_t rows, int32_t to_pitch,
                             int32_t from_pitch, int32_t count) {
  const uintptr_t places = (uintptr_t)to | (uintptr_t)from;
  const uint32_t pitches = (uint32_t)to_pitch | (uint32_t)from_pitch | (uint32_t)count;
  const int are_words = ((places | pitches) & 3) == 0;
  for (; rows > 0; --rows) {
    if (are_words) {
      copy_words(to, from, count);
    } else {
      copy_any(to, from, count);
    }
    to += to_pitch;
    from += from_pitch;
  }
}

/* `to` is aligned to words. */
void mlbench_tuned_fill(int8_t *to, int32_t value, int32_t count) {
  const word four = 0x01010101U * (uint8_t)value;
#ifndef MLBENCH_TUNED_SMALL
  for (; count >= 16; count -= 16) {
    ((word *)to)[0] = four;
    ((word *)to)[1] = four;
    ((word *)to)[2] = four;
    ((word *)to)[3] = four;
    to += 16;
  }
#endif
  for (; count > 0; --count) {
    *to++ = (int8_t)value;
  }
}

void mlbench_tuned_move_bytes(int8_t *to, const int8_t *from, int32_t count, int32_t to_step,
                              int32_t from_step) {
#ifndef MLBENCH_TUNED_SMALL
  for (; count >= 4; count -= 4) {
    const int8_t a = *from, b = *(from += from_step);
    const int8_t c = *(from += from_step), d = *(from += from_step);
    *to = a;
    *(to += to_step) = b;
    *(to += to_step) = c;
    *(to += to_step) = d;
    from += from_step;
    to += to_step;
  }
#endif
  for (; count > 0; --count) {
    *to = *from;
    from += from_step;
    to += to_step;
  }
}
