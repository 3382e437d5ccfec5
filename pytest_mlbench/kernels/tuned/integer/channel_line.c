/* ADD, SUB and MUL of an activation and a constant per channel, or two such operators in one pass,
 * such as a batch normalisation's.
 *
 *   sum    = input * slope[c] + offset[c], and step more if it is below the threshold (`_signed`)
 *   t      = clamp(sum >> shift, 0, range)
 *   output = low + t
 * With two operators (`channel_lines`), t is the first one's result, rounded as TensorFlow Lite
 * rounds it, and goes through the second line in the same way before it is stored.
 * requantise/channel_line.py proves each line exact for every input. Products may wrap on the way
 * to sums that fit 32 bits.
 *
 * Four channels (two of `channel_lines`) go down all positions together, so that their constants
 * stay in registers. Instructions per element: load, product, 2 for sum and shift, 1 for the clamp
 * (3 more when it clamps), 2 for bound and store, and a share of pointers and loop: 8. A second
 * line is 4 more and half the share again, `_signed` 1.5 for each.
 *
 * The output may be the same buffer as the input.
 */
#include "mlbench_tuned.h"

#define INLINE static inline __attribute__((always_inline))

struct channel {
  int32_t slope, offset, second_slope, second_offset;
};

INLINE struct channel channel_of(const int32_t *constants, int is_chain) {
  return (struct channel){constants[0], constants[1], is_chain ? constants[2] : 0,
                          is_chain ? constants[3] : 0};
}

INLINE int32_t on_line(const struct mlbench_tuned_line *line, int32_t value, int32_t slope,
                       int32_t offset, int is_signed) {
  int32_t t = (int32_t)((uint32_t)value * (uint32_t)slope + (uint32_t)offset);
  if (is_signed && t < line->threshold) {
    t += line->step;
  }
  t >>= line->shift;
  if ((uint32_t)t > (uint32_t)line->range) {
    t = ~(t >> 31) & line->range;
  }
  return t;
}

struct lines {
  struct mlbench_tuned_line first, second;
  int32_t low;
};

INLINE int8_t one(const struct lines *lines, struct channel channel, int32_t value, int is_chain,
                  int is_signed) {
  int32_t t = on_line(&lines->first, value, channel.slope, channel.offset, is_signed);
  if (is_chain) {
    t = on_line(&lines->second, t, channel.second_slope, channel.second_offset, is_signed);
  }
  return (int8_t)(t + lines->low);
}

INLINE void walk(const struct mlbench_tuned_channel_line *params, const int8_t *input,
                 int8_t *output, int is_chain, int is_signed) {
  const struct lines lines = {*params->first, *params->second, params->low};
  const int32_t words = is_chain ? 4 : 2, channels = params->channels;
  const int32_t *constants = params->constants;
  int32_t left_over = channels;
#ifndef MLBENCH_TUNED_SMALL
  const int32_t tile = is_chain ? 2 : 4;
  for (; left_over >= tile; left_over -= tile) {
    const struct channel channel0 = channel_of(constants, is_chain);
    const struct channel channel1 = channel_of(constants + words, is_chain);
    const struct channel channel2 = channel_of(is_chain ? constants : constants + 4, is_chain);
    const struct channel channel3 = channel_of(is_chain ? constants : constants + 6, is_chain);
    const int8_t *from = input;
    int8_t *to = output;
    for (int32_t i = params->positions; i > 0; --i) {
      to[0] = one(&lines, channel0, from[0], is_chain, is_signed);
      to[1] = one(&lines, channel1, from[1], is_chain, is_signed);
      if (!is_chain) {
        to[2] = one(&lines, channel2, from[2], is_chain, is_signed);
        to[3] = one(&lines, channel3, from[3], is_chain, is_signed);
      }
      from += channels;
      to += channels;
    }
    constants += tile * words;
    input += tile;
    output += tile;
  }
#endif
  for (; left_over > 0; --left_over) {
    const struct channel channel = channel_of(constants, is_chain);
    const int8_t *from = input++;
    int8_t *to = output++;
    for (int32_t i = params->positions; i > 0; --i) {
      *to = one(&lines, channel, *from, is_chain, is_signed);
      from += channels;
      to += channels;
    }
    constants += words;
  }
}

void mlbench_tuned_channel_line(const struct mlbench_tuned_channel_line *params,
                                const int8_t *input, int8_t *output) {
  walk(params, input, output, 0, 0);
}

void mlbench_tuned_channel_line_signed(const struct mlbench_tuned_channel_line *params,
                                       const int8_t *input, int8_t *output) {
  walk(params, input, output, 0, 1);
}

void mlbench_tuned_channel_lines(const struct mlbench_tuned_channel_line *params,
                                 const int8_t *input, int8_t *output) {
  walk(params, input, output, 1, 0);
}

void mlbench_tuned_channel_lines_signed(const struct mlbench_tuned_channel_line *params,
                                        const int8_t *input, int8_t *output) {
  walk(params, input, output, 1, 1);
}
