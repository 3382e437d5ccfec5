#include "tensorflow/lite/micro/kernels/windows.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(Allocator *allocator, Node *node) {
  return PreparedPool(allocator, node) ? kTfLiteOk : kTfLiteError;
}

/* The mean over the taps inside the image, ties away from zero. */
TfLiteStatus Invoke(Node *node) {
  const auto &data = KeptOf<WindowData>(*node);
  const int8_t *input = Input(*node, 0);
  int8_t *output = Output(*node);
  for (int32_t y = 0; y < data.output.h; y++) {
    for (int32_t x = 0; x < data.output.w; x++) {
      for (int32_t c = 0; c < data.output.c; c++) {
        int32_t sum = 0, count = 0;
        for (int32_t tap = 0; tap < data.filter.h * data.filter.w; tap++) {
          const int32_t at = Tap(data, y, x, tap / data.filter.w, tap % data.filter.w);
          if (at >= 0) {
            sum += input[at + c];
            count++;
          }
        }
        if (count == 0) {
          return kTfLiteError;
        }
        *output++ = Clamped((sum + (sum > 0 ? count / 2 : -(count / 2))) / count, data.bounds);
      }
    }
  }
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_AVERAGE_POOL_2D() { return {Prepare, Invoke, 1}; }

/* In the double this operator can be registered, not executed. */
TFLMRegistration Register_MAX_POOL_2D() { return {nullptr, nullptr, 17}; }

}  // namespace tflite
