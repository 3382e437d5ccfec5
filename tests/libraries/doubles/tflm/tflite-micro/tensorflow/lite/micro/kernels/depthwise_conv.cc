#include "tensorflow/lite/micro/kernels/windows.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  return PreparedConvolution(allocator, node, 4) ? kTfLiteOk : kTfLiteError;
}

TfLiteStatus Invoke(Node *node) {
  const auto &data = KeptOf<WindowData>(*node);
  const int8_t *input = Input(*node, 0), *filter = Input(*node, 1);
  const int32_t *bias = Bias(*node);
  const int32_t each = data.output.c / data.input.c;
  int8_t *output = Output(*node);
  for (int32_t y = 0; y < data.output.h; y++) {
    for (int32_t x = 0; x < data.output.w; x++) {
      for (int32_t out = 0; out < data.output.c; out++) {
        int32_t sum = bias ? bias[out] : 0;
        for (int32_t tap = 0; tap < data.filter.h * data.filter.w; tap++) {
          const int32_t at = Tap(data, y, x, tap / data.filter.w, tap % data.filter.w);
          if (at >= 0) {
            sum += (input[at + out / each] + data.input_offset) * filter[tap * data.output.c + out];
          }
        }
        const int32_t value = Requantised(sum, {data.multipliers[out], data.shifts[out]});
        *output++ = Clamped(value + data.output_offset, data.bounds);
      }
    }
  }
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_DEPTHWISE_CONV_2D() { return {Prepare, Invoke, 4}; }

}  // namespace tflite
