/* TRANSPOSE_CONV as convolutions of the input, one for each phase of the output: the outputs whose
 * row and column have the same remainder by the stride see the same taps of the filter, one or more
 * input pixels apart. A phase is computed to the scratch buffer by a kernel of CONV_2D, and its
 * pixels are then copied to their places in the output.
 *
 * Instructions: those of the convolutions (no product with an inserted zero), and per output pixel
 * the copy of its channels.
 */
#include "mlbench_tuned.h"
#include "mlbench_tuned_moves.h"

static void convolve(const struct mlbench_tuned_phase *phase, const int8_t *input, int8_t *output,
                     void *scratch) {
  if (phase->run) {
    phase->run(phase->conv, input, output, scratch);
  } else if (phase->run_vector) {
    phase->run_vector(phase->vector_conv, input, output, scratch);
  } else {
    phase->run_planes(phase->planes_conv, input, output, scratch);
  }
}

void mlbench_tuned_transpose_conv(const struct mlbench_tuned_transpose_conv *params,
                                  const int8_t *input, int8_t *output, void *scratch) {
  const int32_t channels = params->channels;
  int8_t *made = scratch;
  for (int32_t i = 0; i < params->phases; ++i) {
    const struct mlbench_tuned_phase *phase = params->phase[i];
    convolve(phase, input, made, made + params->made_bytes);
    for (int32_t image = 0; image < params->images; ++image) {
      const int8_t *from = made + image * phase->made_image;
      int8_t *to = output + image * params->image + phase->first;
      for (int32_t y = 0; y < phase->rows; ++y) {
        MLBENCH_COPY_ROWS(to, from, phase->columns, params->step, channels, channels);
        from += phase->made_row;
        to += params->row_step;
      }
    }
  }
}
