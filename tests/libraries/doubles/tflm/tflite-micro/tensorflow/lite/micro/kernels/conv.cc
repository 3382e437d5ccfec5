#include "tensorflow/lite/micro/kernels/windows.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  return PreparedConvolution(allocator, node, 3) ? kTfLiteOk : kTfLiteError;
}

int32_t Sum(const WindowData &data, const int8_t *input, const int8_t *filter, int32_t y,
            int32_t x) {
  int32_t sum = 0;
  for (int32_t tap_y = 0; tap_y < data.filter.h; tap_y++) {
    for (int32_t tap_x = 0; tap_x < data.filter.w; tap_x++, filter += data.input.c) {
      const int32_t at = Tap(data, y, x, tap_y, tap_x);
      for (int32_t c = 0; at >= 0 && c < data.input.c; c++) {
        sum += (input[at + c] + data.input_offset) * filter[c];
      }
    }
  }
  return sum;
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = KeptOf<WindowData>(*node);
  const int8_t *input = Input(*node, 0), *filter = Input(*node, 1);
  const int32_t *bias = Bias(*node);
  const int32_t taps = data.filter.h * data.filter.w * data.input.c;
  int8_t *output = Output(*node);
  for (int32_t y = 0; y < data.output.h; y++) {
    for (int32_t x = 0; x < data.output.w; x++) {
      for (int32_t out = 0; out < data.output.c; out++) {
        const int32_t sum = (bias ? bias[out] : 0) + Sum(data, input, filter + out * taps, y, x);
        const int32_t value = Requantised(sum, {data.multipliers[out], data.shifts[out]});
        *output++ = Clamped(value + data.output_offset, data.bounds);
      }
    }
  }
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_CONV_2D() { return {Prepare, Invoke, 3}; }

}  // namespace tflite
