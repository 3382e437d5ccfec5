/* winograd.S in C, for machines that are not RISC-V: see mlbench_tuned_portable.h. */
#include "mlbench_tuned.h"

#if !defined(__riscv)

#include <math.h>

void mlbench_tuned_winograd_input(const double *early, const double *late, double *values,
                                  int32_t channels, int32_t tiles) {
  for (int32_t c = 0; c < channels; ++c) {
    for (int32_t tile = 0; tile < tiles; ++tile) {
      double columns[4][4];
      for (int32_t j = 0; j < 4; ++j) {
        const int32_t at = ((2 * tile + j) * channels + c) * 4;
        columns[0][j] = early[at] - late[at];
        columns[1][j] = early[at + 1] + late[at];
        columns[2][j] = late[at] - early[at + 1];
        columns[3][j] = early[at + 1] - late[at + 1];
      }
      for (int32_t i = 0; i < 4; ++i) {
        *values++ = columns[i][0] - columns[i][2];
        *values++ = columns[i][1] + columns[i][2];
        *values++ = columns[i][2] - columns[i][1];
        *values++ = columns[i][1] - columns[i][3];
      }
    }
  }
}

static int8_t converted(double sum, double m, const double *constants) {
  const double v = fma(sum, m, constants[8] + copysign(constants[12], sum));
  return (int8_t)fmin(fmax(floor(v / 0x1p24), -128), 127);
}

static void outputs(const struct mlbench_tuned_winograd_call *call, const double *constants,
                    const double *sums, int32_t at) {
  for (int32_t y = 0; y < 2; ++y) {
    for (int32_t x = 0; x < 2; ++x) {
      static const int8_t factors[2][4] = {{1, 1, 1, 0}, {0, 1, -1, -1}};
      double sum = constants[0];
      for (int32_t ij = 0; ij < 16; ++ij) {
        sum += factors[y][ij / 4] * factors[x][ij % 4] * sums[24 * ij];
      }
      const double b = (sum + 0x1.8p77) - 0x1.8p77;
      const int32_t to = at + y * call->row + x * call->channels;
      call->output_a[to] = converted(sum - b, constants[4], constants);
      call->output_b[to] = converted(b, constants[4] * 0x1p-23, constants);
    }
  }
}

static void winograd(const struct mlbench_tuned_winograd_call *call, int32_t tiles) {
  const int8_t *stream = call->stream;
  const int32_t k = 4 * call->steps;
  for (int32_t at = 0; at < call->channels; at += 4) {
    const int32_t first = at + 4 > call->channels ? call->channels - 4 : at;
    const double *constants = (const double *)(const void *)stream;
    const int16_t *weights = (const int16_t *)(const void *)(stream + 128);
    for (int32_t ij = 0; ij < 16; ++ij) {
      for (int32_t i = 0; i < 4 * tiles; ++i) {
        double sum = 0;
        for (int32_t c = 0; c < k; ++c) {
          sum = fma(call->values[(c * tiles + i % tiles) * 16 + ij],
                    weights[(ij * k + c) * 4 + i / tiles], sum);
        }
        call->sums[24 * ij + i] = sum;
      }
    }
    for (int32_t i = 0; i < 4 * tiles; ++i) {
      outputs(call, constants + i / tiles, call->sums + i,
              first + i / tiles + i % tiles * 2 * call->channels);
    }
    stream += 128 + 16 * 8 * k;
  }
}

void mlbench_tuned_winograd_6(const struct mlbench_tuned_winograd_call *call) { winograd(call, 6); }

void mlbench_tuned_winograd_4(const struct mlbench_tuned_winograd_call *call) { winograd(call, 4); }

#endif
